import type { Address } from '../config/gateway-config.ts';

/** Where this machine reaches what listens there: "every address" is none that can be called. */
export function reachable({ host, port }: Address): Address {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return /^[0:]*:[0:]*$/.test(host) ? { host: '::1', port } : { host, port };
}
