import { join } from 'node:path';
import { root } from './docker.ts';
import { Observer } from './observer.ts';
import { type DrillMode, openStage } from './open-stage.ts';
import { DrillReport } from './report.ts';
import { type Answer, brief, errorOf, SchoolClient } from './school-client.ts';
import { openTimeoutMs, type Part, type Stage } from './stage.ts';

/** Logs are written and metrics read beside the requests; they agree within this time, in milliseconds. */
export const agreement = { within: 10_000 };
/** A breaker closes by the first good answer after its open time; the rest is for a slow machine. */
export const recovery = { within: openTimeoutMs + 60_000 };

/** The school system on its stage, its user, and the report of what happens to both. */
export class Drill {
  readonly mode: DrillMode;
  readonly stage: Stage;
  readonly client: SchoolClient;
  readonly observer: Observer;
  readonly report: DrillReport;
  /** What is down now, and how. */
  readonly #down = new Map<Part, 'stop' | 'kill' | 'pause'>();

  private constructor(mode: DrillMode, stage: Stage) {
    this.mode = mode;
    this.stage = stage;
    this.client = new SchoolClient(stage);
    this.observer = new Observer(stage, this.client);
    this.report = new DrillReport(stage.title);
  }

  static async open(mode: DrillMode): Promise<Drill> {
    return new Drill(mode, await openStage(mode));
  }

  async takeDown(part: Part, how: 'stop' | 'kill' | 'pause'): Promise<void> {
    this.#down.set(part, how);
    await this.stage[how](part);
  }

  async bringBack(part: Part): Promise<void> {
    const how = this.#down.get(part);
    this.#down.delete(part);
    await (how === 'pause' ? this.stage.resume(part) : this.stage.start(part));
  }

  /** After a fault that did not go as expected, so that the next one begins with everything running. */
  async bringAllBack(): Promise<void> {
    if (this.#down.size === 0) return;
    for (const part of [...this.#down.keys()]) await this.bringBack(part);
    await this.client.resetBreakers();
  }

  /** A step that looks at the status of one answer, and at the code of an error. */
  answers(what: string, expected: string, call: () => Promise<Answer>, options = {}): Promise<void> {
    return this.report.step(what, expected, async () => brief(await call()), options);
  }

  /** A step that looks at the message of an error too, and at whether it says when to come again. */
  refuses(what: string, expected: string, call: () => Promise<Answer>): Promise<void> {
    return this.report.step(what, expected, async () => {
      const answer = await call();
      const wait = answer.headers.has('retry-after') ? 'Retry-After' : 'no Retry-After';
      return `${answer.status} ${errorOf(answer).message}, ${wait}`;
    });
  }

  async healthMessage(): Promise<string> {
    return ((await this.client.health()).body as { message: string }).message;
  }

  async close(): Promise<void> {
    this.report.publish(join(root, 'test-results', `drill-${this.mode}.txt`));
    await this.stage.close();
  }
}
