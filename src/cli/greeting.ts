import type { Address, GatewayConfig } from '../config/gateway-config.ts';
import { formatAddress } from '../config/schema/address.ts';
import { formatDuration } from '../config/schema/quantities.ts';
import { describeConfig } from './describe-config.ts';
import { reachable } from './reachable.ts';
import type { StartedGateway } from './start.ts';
import type { Palette } from './terminal/palette.ts';

/** Lines of a kind that a start shows; `breakwater check` shows all of them. */
const MOST_LINES = 40;

/** What a gateway that has just started does, and where. */
export function greeting(config: GatewayConfig, gateway: StartedGateway, palette: Palette): string {
  const { server, profile } = config;
  return [
    `${palette.good('breakwater')} listens on ${palette.strong(`http://${formatAddress(gateway.address)}`)}${everywhere(gateway.address)}${workersText(gateway.workers)}`,
    ...adminLines(config, gateway, palette),
    ...(profile === null ? [] : [`profile ${profile}`]),
    `${describeConfig(config, { palette, mostLines: MOST_LINES })}stops on SIGTERM or Ctrl-C; running requests then have ${formatDuration(server.shutdownTimeoutMs)} to finish`,
    '',
  ].join('\n');
}

function adminLines({ admin }: GatewayConfig, { adminAddress }: StartedGateway, palette: Palette): string[] {
  if (adminAddress === null) return ['admin API off'];
  const access = admin?.token == null ? 'open to this machine' : 'by token';
  return [
    `admin API on http://${formatAddress(adminAddress)}, ${access}`,
    `live page on ${palette.strong(`http://${formatAddress(reachable(adminAddress))}/`)}`,
  ];
}

function everywhere({ host }: Address): string {
  if (host === '0.0.0.0') return ' (every IPv4 address of this machine)';
  return host === '::' ? ' (every address of this machine)' : '';
}

function workersText(workers: number): string {
  return workers === 1 ? '' : ` with ${workers} workers`;
}
