import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Row {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
}

export interface StepOptions {
  /** Milliseconds within which the expected must be seen; it is looked at again and again. @default 0: once */
  readonly within?: number;
}

/** What the drill did, what it expected and what it saw: for people, beside the assertions. */
export class DrillReport {
  readonly #title: string;
  readonly #sections: { title: string; rows: Row[] }[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  section(title: string): void {
    this.#sections.push({ title, rows: [] });
  }

  /**
   * One line of the report.
   *
   * @throws Error when what is seen is not what was expected; the line is in the report all the same
   */
  async step(
    what: string,
    expected: string,
    look: () => Promise<string>,
    { within = 0 }: StepOptions = {},
  ): Promise<void> {
    const deadline = performance.now() + within;
    let seen = await this.#look(look);
    while (seen !== expected && performance.now() < deadline) {
      await sleep(200);
      seen = await this.#look(look);
    }
    this.#sections.at(-1)?.rows.push({ what, expected, seen });
    if (seen !== expected) throw new Error(`${what}\n  expected: ${expected}\n  seen:     ${seen}`);
  }

  async #look(look: () => Promise<string>): Promise<string> {
    try {
      return await look();
    } catch (error) {
      return `${error}`;
    }
  }

  toString(): string {
    const lines = [`${this.#title}. After each step: what was expected, and seen.`];
    for (const { title, rows } of this.#sections) {
      lines.push('', title);
      for (const { what, expected, seen } of rows) {
        if (seen === expected) lines.push(`  ok      ${what}: ${expected || 'nothing'}`);
        else
          lines.push(
            `  FAILED  ${what}`,
            `            expected  ${expected}`,
            `            seen      ${seen}`,
          );
      }
    }
    return `${lines.join('\n')}\n`;
  }

  /** Prints it, and keeps it in a file. */
  publish(file: string): void {
    const text = this.toString();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(text);
  }
}
