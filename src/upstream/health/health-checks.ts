import type { Target } from '../target.ts';
import { HealthCheck, type HealthCheckParts } from './health-check.ts';

/** The health checks of an upstream's live targets. */
export class HealthChecks {
  readonly #parts: HealthCheckParts;
  readonly #running = new Map<Target, HealthCheck>();

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  begin(target: Target): void {
    const check = new HealthCheck(target, this.#parts);
    this.#running.set(target, check);
    check.start();
  }

  end(target: Target): void {
    this.#running.get(target)?.stop();
    this.#running.delete(target);
  }

  endAll(): void {
    for (const target of this.#running.keys()) this.end(target);
  }
}
