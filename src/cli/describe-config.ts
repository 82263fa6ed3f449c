import { describeBreaker } from '../config/describe-breaker.ts';
import type { GatewayConfig, RouteConfig } from '../config/gateway-config.ts';

/** What a configuration does, in plain words: its routes with their targets, and its breakers. */
export function describeConfig(config: GatewayConfig): string {
  const routes = config.routes.map((route) => [routeText(route), targetsText(route, config)] as const);
  const breakers = [...config.upstreams.values()].map(
    ({ circuitBreaker }) => [circuitBreaker.name, describeBreaker(circuitBreaker)] as const,
  );
  return `routes\n${columns(routes)}breakers\n${columns(breakers)}`;
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
  return `to ${route.upstream} at ${targets.map(({ url }) => url).join(', ')}${way}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
