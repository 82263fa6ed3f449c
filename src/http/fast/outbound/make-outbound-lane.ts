import type { TargetConfig } from '../../../config/gateway-config.ts';
import { UndiciLane, type UndiciLaneOptions } from '../../full/undici-lane.ts';
import type { OutboundLane } from '../../message.ts';
import { FastOutboundLane } from './fast-outbound-lane.ts';

/** The fast lane where HTTP/1.1 is all that is spoken. Whether HTTP/2 is, is known only when TLS stands: undici's business. */
export function makeOutboundLane(target: TargetConfig, options: UndiciLaneOptions): OutboundLane {
  const maySpeakH2 = target.protocol === 'https:' && options.allowH2;
  return maySpeakH2 ? new UndiciLane(target, options) : new FastOutboundLane(target, options);
}
