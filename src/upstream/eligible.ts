import type { Target } from './target.ts';

/**
 * Who may get the next attempt; never nobody, because a target that is thought to be down may be better than none. In
 * this order: those that are available; else those that health checks find healthy, though ejected; else all. Within
 * them, those not tried yet come first. docs/targets.md has the table.
 *
 * @param targets one or more
 */
export function eligible(targets: readonly Target[], tried: readonly Target[]): readonly Target[] {
  const able = availableFirst(targets);
  if (tried.length === 0) return able;
  const fresh = able.filter((target) => !tried.includes(target));
  return fresh.length > 0 ? fresh : able;
}

function availableFirst(targets: readonly Target[]): readonly Target[] {
  // Nearly always, and then nothing is allocated.
  if (targets.every((target) => target.available)) return targets;
  const available = targets.filter((target) => target.available);
  if (available.length > 0) return available;
  const healthy = targets.filter(({ probes }) => probes.healthy);
  return healthy.length > 0 ? healthy : targets;
}
