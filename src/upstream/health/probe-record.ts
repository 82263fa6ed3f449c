/** What one probe found. */
export interface ProbeResult {
  readonly ok: boolean;
  /** For people: the status, or what was wrong. */
  readonly detail: string;
  readonly durationMs: number;
  /** Unix milliseconds of its end. */
  readonly at: number;
}

/** What probes have shown of one target. Without health checks: that nothing speaks against it. */
export class ProbeRecord {
  #healthy = true;
  #last: ProbeResult | null = null;
  /** Results in a row that speak against `healthy`. */
  #contrary = 0;

  /** New targets count as healthy. */
  get healthy(): boolean {
    return this.#healthy;
  }

  /** Null before the first. */
  get last(): ProbeResult | null {
    return this.#last;
  }

  /** Results in a row, up to now, that speak against `healthy`. */
  get contrary(): number {
    return this.#contrary;
  }

  /**
   * @param rise good results in a row that make it healthy
   * @param fall bad results in a row that make it unhealthy
   * @returns whether `healthy` changed
   */
  note(result: ProbeResult, rise: number, fall: number): boolean {
    this.#last = result;
    this.#contrary = result.ok === this.#healthy ? 0 : this.#contrary + 1;
    if (this.#contrary < (this.#healthy ? fall : rise)) return false;
    this.#contrary = 0;
    this.#healthy = result.ok;
    return true;
  }
}
