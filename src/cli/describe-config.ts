import { describeBreaker } from '../config/describe-breaker.ts';
import { describeRoute } from '../config/describe-route.ts';
import type { GatewayConfig, RouteConfig } from '../config/gateway-config.ts';

/**
 * What a configuration does, in plain words: its routes with their targets, and its breakers.
 * @param pipelines whether to say as well what the requests of each route pass through
 */
export function describeConfig(config: GatewayConfig, pipelines = false): string {
  const routes = config.routes.map((route) => [routeText(route), targetsText(route, config)] as const);
  const breakers = [...config.upstreams.values()].map(
    ({ circuitBreaker }) => [circuitBreaker.name, describeBreaker(circuitBreaker)] as const,
  );
  const plain = `routes\n${columns(routes)}breakers\n${columns(breakers)}`;
  if (!pipelines) return plain;
  const stages = config.routes.map((route) => [routeText(route), describeRoute(route, config)] as const);
  return `${plain}pipelines\n${columns(stages)}workers\n  ${workersText(config)}\n`;
}

function workersText({ server: { workers } }: GatewayConfig): string {
  if (workers === 'auto') return 'auto: one for each core that the process may use';
  return workers === 1 ? '1: no further thread' : String(workers);
}

function routeText({ methods, host, path }: RouteConfig): string {
  const requests = `${host ?? ''}${path}`;
  return methods === null ? requests : `${methods.join(',')} ${requests}`;
}

function targetsText(route: RouteConfig, config: GatewayConfig): string {
  const targets = config.upstreams.get(route.upstream)?.targets ?? [];
  const way =
    route.rewrite !== null
      ? `, as ${route.rewrite}`
      : route.stripPrefix !== null
        ? `, without ${route.stripPrefix}`
        : '';
  const idle =
    route.idleMocks === undefined ? '' : '; mock fallback not in effect: it needs profile: development';
  return `to ${route.upstream} at ${targets.map(({ url }) => url).join(', ')}${way}${idle}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
