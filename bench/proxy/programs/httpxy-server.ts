import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'httpxy';

/** httpxy as its users run it, with an agent that keeps connections: <port> <target>. */

const [port, target] = process.argv.slice(2);
const proxy = createProxyServer({ target: target ?? '', xfwd: true, agent: new Agent({ keepAlive: true }) });
createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
  proxy.web(request, response).catch(() => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
