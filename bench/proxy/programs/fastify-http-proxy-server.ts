import { createRequire } from 'node:module';

/** @fastify/http-proxy as its users run it, with the undici that it brings: <port> <target>. */

/** What is used of Fastify; the plugin need not be installed for the types to be checked. */
type Fastify = (options: object) => {
  register(plugin: unknown, options: object): void;
  listen(options: object): Promise<string>;
};

const [port, upstream] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const fastify = require('fastify') as Fastify;
const app = fastify({ keepAliveTimeout: 3_600_000, bodyLimit: Number.MAX_SAFE_INTEGER });
app.register(require('@fastify/http-proxy'), {
  upstream,
  undici: { connections: 256, pipelining: 1, keepAliveTimeout: 3_600_000 },
});
await app.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
