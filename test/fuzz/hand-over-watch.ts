import { FastLane } from '../../src/http/fast/inbound/fast-lane.ts';

/** Counts how often a fast lane of this process hands a connection to node's parser. */
export class HandOverWatch {
  times = 0;
  readonly #handOver = FastLane.prototype.handOver;

  constructor() {
    const watch = this;
    FastLane.prototype.handOver = function (...args) {
      watch.times++;
      watch.#handOver.apply(this, args);
    };
  }

  [Symbol.dispose](): void {
    FastLane.prototype.handOver = this.#handOver;
  }
}
