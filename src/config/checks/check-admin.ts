import { type Draft, draftAt } from '../draft.ts';
import type { Address } from '../gateway-config.ts';
import { isLoopback } from '../schema/address.ts';
import { adminSchema, serverSchema } from '../schema/server-schema.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { valid } from './valid.ts';

/** An admin API that anybody could use, and two listeners on one port. */
export function checkAdmin(root: Located): Draft[] {
  const admin = locate(root, ['admin']);
  if (admin === undefined || admin.broken) return [];
  const drafts: Draft[] = [];
  const listen = addressAt(root, ['admin', 'listen'], adminSchema.shape.listen.parse(undefined));
  if (listen === null) return [];
  const at = locate(root, ['admin', 'listen']) ?? admin;
  const token = locate(root, ['admin', 'token']);
  const open = token === undefined || valid(root, ['admin', 'token'], adminSchema.shape.token) === null;
  if (!isLoopback(listen.host) && open) {
    const message = `admin.listen is an address that other machines reach, so admin.token is required; or listen on 127.0.0.1:${listen.port}`;
    drafts.push(draftAt(at, 'ADMIN_WITHOUT_TOKEN', message));
  }
  const server = addressAt(root, ['server', 'listen'], serverSchema.shape.listen.parse(undefined));
  if (server !== null && server.port === listen.port && listen.port !== 0) {
    const message = `admin.listen has the port ${listen.port}, which server.listen has already`;
    drafts.push(draftAt(at, 'SAME_PORT', message, at === admin ? (admin.keyRange ?? at.range) : at.range));
  }
  return drafts;
}

function addressAt(root: Located, path: Path, otherwise: Address): Address | null {
  if (locate(root, path) === undefined) return otherwise;
  return valid(root, path, adminSchema.shape.listen) ?? null;
}
