import { describeRoute } from '../config/describe-route.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';

/** A route as the admin API shows it. */
export interface RouteView {
  readonly path: string;
  /** Absent: every host. */
  readonly host?: string;
  /** Absent: every method. */
  readonly methods?: readonly string[];
  readonly upstream: string;
  /** What its requests pass through, in this order. */
  readonly pipeline: string;
}

/** All routes in the order of the file, each with its compiled pipeline in plain words. */
export function routeViews(config: GatewayConfig): RouteView[] {
  return config.routes.map((route) => ({
    path: route.path,
    ...(route.host !== null && { host: route.host }),
    ...(route.methods !== null && { methods: route.methods }),
    upstream: route.upstream,
    pipeline: describeRoute(route, config),
  }));
}
