import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask, get } from './ask.ts';
import { Child } from './child.ts';
import { freePort } from './free-port.ts';
import type { Peer } from './peer.ts';
import type { Row, SceneResult } from './row.ts';
import type { Context, Running, Sample, Scene, Subject } from './scene.ts';
import type { UpstreamPlace } from './upstream.ts';
import { resetPeak, usageOf } from './usage.ts';
import { waitFor } from './wait-for.ts';

export interface SceneRun {
  readonly scene: Scene;
  readonly peers: readonly Peer[];
  /** Who answers behind the proxies. */
  readonly place: UpstreamPlace;
  readonly context: Context;
}

/** One subject on its way through the scene. Its first problem ends it, and no other. */
class Contender {
  readonly subject: Subject;
  readonly samples: Sample[] = [];
  readonly #run: SceneRun;
  #running: Running | null = null;
  #problem: string | null = null;
  #rssBytes: number | null = null;
  #peakBytes: number | null = null;

  constructor(subject: Subject, run: SceneRun) {
    this.subject = subject;
    this.#run = run;
    if (subject.peer.version() === null) this.#problem = `not installed: ${subject.peer.install}`;
  }

  async start(folder: string): Promise<void> {
    await this.#attempt(async () => {
      const { peer, variant } = this.subject;
      const { place, context } = this.#run;
      mkdirSync(folder, { recursive: true });
      const port = await freePort();
      const command = await peer.prepare({ folder, port, variant, upstream: place });
      const begin = async (): Promise<Child> => {
        const child = new Child(command, context.cores.proxy);
        await waitFor(peer.title, child, async () => (await ask(port, get('/'))).status > 0);
        return child;
      };
      const restart = async (): Promise<number> => {
        await this.#running?.child.stop();
        const before = performance.now();
        const child = await begin();
        this.#running = { subject: this.subject, port, child, restart, facts: {} };
        return performance.now() - before;
      };
      await restart();
    });
  }

  async warmUp(): Promise<void> {
    const { scene, context } = this.#run;
    await this.#with(async (running) => {
      await scene.check(running, context);
      running.facts = await scene.warmUp(running, context);
      resetPeak(running.child.pid);
      this.#rssBytes = usageOf(running.child.pid).rssBytes;
    });
  }

  async measure(): Promise<void> {
    const { scene, context } = this.#run;
    await this.#with(async (running) => {
      const { peakBytes } = usageOf(running.child.pid);
      const sample = await scene.measure(running, context);
      this.samples.push(sample);
      // A scene may have forgotten the peak for a count of its own, or started another process.
      const { pid } = this.#running?.child ?? running.child;
      this.#peakBytes = Math.max(this.#peakBytes ?? 0, peakBytes, usageOf(pid).peakBytes);
      if (sample.problem !== null) throw new Error(sample.problem);
    });
  }

  async finish(): Promise<Row> {
    await this.#with((running) => this.#run.scene.check(running, this.#run.context));
    await this.#running?.child.stop();
    return {
      subject: this.subject,
      samples: this.samples,
      rssBytes: this.#rssBytes,
      peakBytes: this.#peakBytes,
      problem: this.#problem,
    };
  }

  async #with(step: (running: Running) => Promise<void>): Promise<void> {
    const running = this.#running;
    if (running !== null) await this.#attempt(() => step(running));
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    if (this.#problem !== null) return;
    try {
      await step();
    } catch (error) {
      this.#problem = (error as Error).message;
    }
  }
}

/** Measures everybody in turn, round by round, so that a machine that is slow for a moment is slow for all. */
export async function runScene(run: SceneRun): Promise<SceneResult> {
  const { scene, peers, context } = run;
  const contenders = peers
    .filter((peer) => scene.variants.every((variant) => peer.variants.includes(variant)))
    .flatMap((peer) => scene.variants.map((variant) => new Contender({ peer, variant }, run)));
  await Promise.all(
    contenders.map((contender, index) => contender.start(join(context.folder, `${scene.name}-${index}`))),
  );
  for (const contender of contenders) await contender.warmUp();
  const rounds = Math.min(context.effort.rounds, scene.mostRounds ?? Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) await contender.measure();
  }
  const rows: Row[] = [];
  for (const contender of contenders) rows.push(await contender.finish());
  return { scene: scene.name, rows };
}
