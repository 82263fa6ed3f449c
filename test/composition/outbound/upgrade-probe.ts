import type { Duplex } from 'node:stream';
import type { HeaderList, OutboundLane, OutboundRequest, UpgradeSink } from '../../../src/http/message.ts';
import { webSocketAccept } from '../../../src/http/websocket-key.ts';
import { OutboundAttempt } from '../../helpers/outbound-attempt.ts';
import { until } from '../../helpers/until.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const HANDSHAKE = ['Host', 'a', 'Sec-WebSocket-Key', KEY, 'Sec-WebSocket-Version', '13'];
export const ACCEPT = webSocketAccept(KEY);
export const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;

/** An attempt at an upgrade whose sink keeps what it was told. */
export class UpgradeProbe extends OutboundAttempt implements UpgradeSink {
  tunnel: Duplex | null = null;
  agreed: HeaderList = [];

  constructor(lane: OutboundLane, request: Partial<OutboundRequest> = {}) {
    const upgrades = {
      start: (sent: OutboundRequest, sink: UpgradeSink) => lane.upgrade(sent, sink),
    } as unknown as OutboundLane;
    super(upgrades, { headers: HANDSHAKE, ...request });
  }

  onSent(): void {
    this.calls.push('sent');
  }

  onSwitch(headers: HeaderList, tunnel: Duplex): void {
    this.calls.push('switch');
    this.agreed = headers;
    this.tunnel = tunnel;
  }

  async switched(): Promise<Duplex> {
    await until(() => this.over || this.tunnel !== null);
    if (this.tunnel === null) throw this.error ?? new Error(`refused: ${this.head?.status}`);
    return this.tunnel;
  }
}
