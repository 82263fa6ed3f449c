import { describeBreaker } from '../config/describe-breaker.ts';
import { describeRoute } from '../config/describe-route.ts';
import type { GatewayConfig, RouteConfig } from '../config/gateway-config.ts';
import type { Palette } from './terminal/palette.ts';
import { pad, textWidth } from './terminal/text-width.ts';

export interface Description {
  /** Whether to say as well what the requests of each route pass through. @default false */
  readonly pipelines?: boolean;
  readonly palette: Palette;
  /** Of routes and of breakers; how many more there are is said. @default all */
  readonly mostLines?: number;
}

/** A name that is longer does not push all others to the right. */
const WIDEST_NAME = 40;

/** What a configuration does, in plain words: its routes with their targets, and its breakers. */
export function describeConfig(config: GatewayConfig, description: Description): string {
  const { pipelines = false, palette, mostLines = Number.POSITIVE_INFINITY } = description;
  const routes = config.routes.map((route) => [routeText(route), targetsText(route, config)] as const);
  const breakers = [...config.upstreams.values()].map(
    ({ circuitBreaker }) => [circuitBreaker.name, describeBreaker(circuitBreaker)] as const,
  );
  const section = (title: string, rows: readonly Row[]): string =>
    `${palette.strong(title)}\n${columns(rows, mostLines)}`;
  const plain = section('routes', routes) + section('breakers', breakers);
  if (!pipelines) return plain;
  const stages = config.routes.map((route) => [routeText(route), describeRoute(route, config)] as const);
  return `${plain}${section('pipelines', stages)}${palette.strong('workers')}\n  ${workersText(config)}\n`;
}

type Row = readonly [name: string, text: string];

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

function columns(rows: readonly Row[], most: number): string {
  const shown = rows.length > most ? rows.slice(0, most - 1) : rows;
  const widths = shown.map(([name]) => textWidth(name)).filter((width) => width <= WIDEST_NAME);
  const width = Math.max(0, ...widths);
  const lines = shown.map(([name, text]) => `  ${pad(name, width)}  ${text}\n`);
  const left = rows.length - shown.length;
  return lines.join('') + (left === 0 ? '' : `  … and ${left} more; breakwater check lists all\n`);
}
