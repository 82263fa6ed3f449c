import type { Registry } from 'prom-client';
import type { DroppedLines, LogName } from './dropped-lines.ts';
import { ownPackage } from './own-package.ts';
import { showMetric } from './show-metric.ts';

const LOGS: readonly LogName[] = ['gateway', 'access'];

/** What is to be told of the gateway as a whole; asked at every scrape. */
export interface GatewaySource {
  /** Of clients, open now, in all threads. */
  readonly connections: () => number;
  readonly dropped: DroppedLines;
}

export function registerGatewayMetrics(registry: Registry, gateway: GatewaySource | undefined): void {
  const { version } = ownPackage();
  showMetric(registry, {
    type: 'gauge',
    name: 'gateway_info',
    help: 'Always 1; its label tells the version of the gateway.',
    labels: ['version'],
    read: () => [[{ version }, 1]],
  });
  if (gateway === undefined) return;
  const { connections, dropped } = gateway;
  showMetric(registry, {
    type: 'gauge',
    name: 'gateway_client_connections',
    help: 'Connections of clients that are open.',
    labels: [],
    read: () => [[{}, connections()]],
  });
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_log_lines_dropped_total',
    help: 'Lines that a log could not take, because nobody read it fast enough.',
    labels: ['log'],
    read: () => LOGS.map((log) => [{ log }, dropped.total(log)]),
  });
}
