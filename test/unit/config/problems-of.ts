import { ConfigError, type ConfigProblem } from '../../../src/config/config-error.ts';
import type { GatewayConfig } from '../../../src/config/gateway-config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { Environment } from '../../../src/config/yaml/environment-references.ts';

/** What the other sections of a file need beside them. */
export const UPSTREAM = 'upstreams: { api: { targets: [http://127.0.0.1:9001] } }\n';
export const ROUTE = 'routes: [{ path: /*, upstream: api }]\n';
export const SMALLEST = UPSTREAM + ROUTE;

export function configOf(text: string, env: Environment = {}): GatewayConfig {
  return parseConfig(text, { file: 'gateway.yaml', env });
}

/** The mistakes found in `text`; none when it is right. */
export function problemsOf(text: string, env: Environment = {}): readonly ConfigProblem[] {
  try {
    configOf(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Each mistake as `line:column CODE`. */
export function placesOf(text: string, env: Environment = {}): string[] {
  return problemsOf(text, env).map(({ place, code }) => `${place?.line}:${place?.column} ${code}`);
}

/** The messages, when what they say is the point. */
export function messagesOf(text: string, env: Environment = {}): string[] {
  return problemsOf(text, env).map(({ message }) => message);
}
