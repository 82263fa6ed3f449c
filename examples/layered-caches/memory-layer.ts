import type { Layer } from './layered-lookup.ts';

/** A layer whose health the demonstration, or a test, decides. */
export class MemoryLayer implements Layer<string> {
  readonly name: string;
  readonly values = new Map<string, string>();
  /** `down` fails at once, `hanging` never answers. */
  condition: 'up' | 'down' | 'hanging' = 'up';
  calls = 0;

  constructor(name: string, values: Readonly<Record<string, string>> = {}) {
    this.name = name;
    for (const [key, value] of Object.entries(values)) this.values.set(key, value);
  }

  async get(key: string): Promise<string | undefined> {
    await this.#answer();
    return this.values.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    await this.#answer();
    this.values.set(key, value);
  }

  #answer(): Promise<void> {
    this.calls++;
    if (this.condition === 'hanging') return new Promise(() => {});
    return this.condition === 'up' ? Promise.resolve() : Promise.reject(new Error(`${this.name} is down`));
  }
}
