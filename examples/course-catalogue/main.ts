import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Catalogue } from './catalogue.ts';
import { MemoryDatabase } from './memory-database.ts';
import { Platform } from './platform.ts';
import { catalogueServer } from './server.ts';

/** A catalogue that keeps answering while its database is down. Run it: node examples/course-catalogue/main.ts */

const platform = new Platform();
const database = new MemoryDatabase([
  { id: 'sailing', title: 'Sailing for beginners' },
  { id: 'knots', title: 'Knots' },
]);
const shipped = new Map([['knots', { id: 'knots', title: 'Knots (shipped edition)' }]]);
const catalogue = new Catalogue({ platform, database, shipped, environment: 'development' });
platform.breakers.onTransition(({ breaker, from, to, reason }) =>
  console.log(`    breaker ${breaker}: ${from} → ${to} (${reason.message})`),
);

const server = catalogueServer(platform, catalogue).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

async function ask(path: string, method = 'GET'): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  const facts = ['x-data-source', 'x-circuit-breaker-database', 'x-system-degraded'].map(
    (name) => `${name}: ${response.headers.get(name) ?? '-'}`,
  );
  console.log(`  ${method} ${path} → ${response.status}  ${facts.join('  ')}`);
  return response;
}

console.log('The database works:');
await ask('/courses/sailing');
await ask('/courses/none');

console.log('The database is down. From the cache, from what is shipped, made up:');
database.down = true;
await ask('/courses/sailing');
await ask('/courses/knots');
await ask('/courses/new');
await ask('/courses/sailing');

const health = (await (await ask('/health')).json()) as { fallback: { answered: unknown } };
console.log(`  fallback usage: ${JSON.stringify(health.fallback.answered)}`);

console.log('The database is back, and an operator does not want to wait:');
database.down = false;
await ask('/api/admin/reset-circuit-breakers', 'POST');
await ask('/courses/sailing');

server.close();
server.closeAllConnections();
