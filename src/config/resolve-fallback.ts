import { DEVELOPMENT } from './built-in-profiles.ts';
import type { FallbackStepConfig, FixedAnswerConfig } from './gateway-config.ts';
import { DEFAULT_FALLBACK_METHODS, FALLBACK_CONDITIONS } from './schema/fallback-schema.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';

type StepFile = NonNullable<GatewayFile['routes'][number]['fallback']>[number];
type AnswerFile = NonNullable<StepFile['static']>;

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** `mock` steps are in effect in the profile `development` only. */
export function resolveFallback(
  steps: readonly StepFile[] | undefined,
  profile: string | null,
): FallbackStepConfig[] {
  const inEffect = (step: StepFile) => step.mock === undefined || profile === DEVELOPMENT;
  return (steps ?? []).filter(inEffect).map(resolveStep);
}

function resolveStep({ methods, on, ...step }: StepFile): FallbackStepConfig {
  const given = methods === undefined ? null : [...new Set(methods)];
  const conditions = [...new Set(on ?? FALLBACK_CONDITIONS)];
  if (step.upstream !== undefined) {
    return { type: 'upstream', upstream: step.upstream, methods: given, on: conditions };
  }
  const common = { methods: given ?? [...DEFAULT_FALLBACK_METHODS], on: conditions };
  if (step.stale !== undefined) return { type: 'stale', maxAgeMs: step.stale, ...common };
  if (step.static !== undefined) return { type: 'static', answer: fixedAnswer(step.static), ...common };
  return { type: 'mock', answer: fixedAnswer(step.mock!), ...common };
}

function fixedAnswer({ status, headers = {}, json, body }: AnswerFile): FixedAnswerConfig {
  const flat = Object.entries(headers).flat();
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const withType = (type: string) => (typed ? flat : ['Content-Type', type, ...flat]);
  if (json !== undefined) return { status, headers: withType(JSON_TYPE), body: JSON.stringify(json) };
  if (body !== undefined) return { status, headers: withType(TEXT_TYPE), body };
  return { status, headers: flat, body: '' };
}
