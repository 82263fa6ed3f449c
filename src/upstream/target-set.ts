import type { TargetConfig } from '../config/gateway-config.ts';
import type { Target } from './target.ts';

/** What a replacement changed. */
export interface TargetChange {
  readonly added: readonly Target[];
  readonly removed: readonly Target[];
}

/** Undefined: private memory. */
export type TargetMemories = readonly (Int32Array | undefined)[];

/** What stands in the place of a configured target; can be posted. */
export interface TargetList {
  readonly configs: readonly TargetConfig[];
  /** For each of `configs` the words of its target. */
  readonly memories: TargetMemories;
}

type MakeTarget = (config: TargetConfig, memory?: Int32Array) => Target;

/** The live targets of an upstream: for each that is configured, itself or what its name stands for now. */
export class TargetSet {
  readonly #make: MakeTarget;
  readonly #places: (readonly Target[])[];
  readonly #configs: (readonly TargetConfig[])[];
  /** Replaced, never changed, so that whoever holds it may go on reading. */
  #all: readonly Target[];
  readonly #leaving = new Set<Target>();

  /** @param configs one or more */
  constructor(configs: readonly TargetConfig[], make: MakeTarget) {
    this.#make = make;
    this.#places = configs.map((config) => [make(config)]);
    this.#configs = configs.map((config) => [config]);
    this.#all = this.#places.flat();
  }

  get all(): readonly Target[] {
    return this.#all;
  }

  /**
   * Puts others in the place of a configured target. Those that stay keep their connections and counters and get the
   * new weight; those that go finish what they are doing.
   *
   * @param place index of the configured target
   * @param configs one or more
   * @param memories for each of them what a new target stands on
   */
  replace(place: number, configs: readonly TargetConfig[], memories: TargetMemories = []): TargetChange {
    const before = new Map(this.#places[place]!.map((target) => [identity(target.config), target]));
    const added: Target[] = [];
    const now = configs.map((config, nth) => {
      const known = before.get(identity(config));
      before.delete(identity(config));
      known?.setWeight(config.weight);
      if (known !== undefined) return known;
      const target = this.#make(config, memories[nth]);
      added.push(target);
      return target;
    });
    this.#places[place] = now;
    this.#configs[place] = configs;
    this.#all = this.#places.flat();
    const removed = [...before.values()];
    for (const target of removed) this.#retire(target);
    return { added, removed };
  }

  /** What stands in each place, to be put there in another thread too. */
  lists(): TargetList[] {
    return this.#places.map((targets, place) => ({
      configs: this.#configs[place]!,
      memories: targets.map(({ memory }) => memory),
    }));
  }

  /** Lets running attempts finish, then closes the connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#all, ...this.#leaving].map(({ lane }) => lane.close()));
  }

  /** Closes all connections now. */
  destroy(): void {
    for (const { lane } of [...this.#all, ...this.#leaving]) lane.destroy();
  }

  #retire(target: Target): void {
    this.#leaving.add(target);
    const gone = (): void => {
      this.#leaving.delete(target);
    };
    target.retire().then(gone, gone);
  }
}

/** Two configurations with the same identity are served by the same connections. */
function identity({ url, address }: TargetConfig): string {
  return `${url} ${address ?? ''}`;
}
