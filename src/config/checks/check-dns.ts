import { isIP } from 'node:net';
import { type Draft, draftAt, pathText } from '../draft.ts';
import { dnsFieldsSchema } from '../schema/dns-schema.ts';
import { urlSchema } from '../schema/upstream-schema.ts';
import { type Located, locate } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** Names to look up that are not there, and ports where the records give them. */
export function checkDns(root: Located): Draft[] {
  const drafts: Draft[] = [];
  for (const [upstream] of entries(root, ['upstreams'])) {
    const path = ['upstreams', upstream, 'dns'];
    const located = locate(root, path);
    const dns = valid(root, path, dnsFieldsSchema);
    const targets = targetsOf(root, upstream);
    if (located === undefined || dns === undefined || targets === null) continue;
    const names = targets.filter(({ hostname }) => isIP(hostname) === 0);
    if (names.length === 0) {
      const message = `${pathText(path)} has nothing to look up: every target is an address, none a host name`;
      drafts.push(draftAt(located, 'INVALID_VALUE', message, located.keyRange ?? located.range));
    }
    if (dns.records !== 'srv') continue;
    for (const { located: target, written } of names) {
      if (!/:\d*\/?$/.test(written)) continue;
      const message = `the target must be written without a port: with records: srv its records give the ports`;
      drafts.push(draftAt(target, 'INVALID_VALUE', message));
    }
  }
  return drafts;
}

interface Target {
  readonly located: Located;
  readonly written: string;
  readonly hostname: string;
}

/** Null where one of them has a mistake of its own. */
function targetsOf(root: Located, upstream: string): Target[] | null {
  const list = ['upstreams', upstream, 'targets'];
  const targets: Target[] = [];
  for (const [index] of entries(root, list)) {
    const item = [...list, Number(index)];
    const path = typeof locate(root, item)?.value === 'string' ? item : [...item, 'url'];
    const url = valid(root, path, urlSchema);
    if (url === undefined) return null;
    const located = locate(root, path)!;
    targets.push({ located, written: String(located.value), hostname: url.hostname });
  }
  return targets.length === 0 ? null : targets;
}
