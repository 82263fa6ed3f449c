import type { TargetConfig, UpstreamConfig } from '../../config/gateway-config.ts';

/** Whether HTTP/2 is, is known only when TLS stands. */
export function maySpeakH2(
  { protocol }: Pick<TargetConfig, 'protocol'>,
  { allowH2 }: Pick<UpstreamConfig, 'allowH2'>,
): boolean {
  return allowH2 && protocol === 'https:';
}
