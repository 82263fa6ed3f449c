import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Has every article from 1 to 999. */

const server = createServer((request, response) => {
  const id = /^\/articles\/([1-9]\d{0,2})$/.exec(request.url ?? '')?.[1];
  response.writeHead(id === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(id === undefined ? { error: 'not found' } : { title: `Article ${id}` }));
});
server.listen(Number(process.env.PORT || 9013), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ msg: 'listening', port }));
});
