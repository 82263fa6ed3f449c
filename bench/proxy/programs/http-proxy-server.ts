import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

/** http-proxy as its users run it, with an agent that keeps connections: <port> <target>. */

/** The package brings no types. */
interface HttpProxy {
  createProxyServer(options: object): {
    web(request: IncomingMessage, response: ServerResponse): void;
    on(
      event: 'error',
      listener: (error: Error, request: IncomingMessage, response: ServerResponse) => void,
    ): void;
  };
}

const [port, target] = process.argv.slice(2);
const { createProxyServer } = createRequire(import.meta.url)('http-proxy') as HttpProxy;
const proxy = createProxyServer({ target, xfwd: true, agent: new Agent({ keepAlive: true }) });
proxy.on('error', (_error, _request, response) => {
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end();
});
createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => proxy.web(request, response)).listen({
  port: Number(port),
  host: '127.0.0.1',
  backlog: 4096,
});
