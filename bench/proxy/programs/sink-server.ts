import { createServer } from 'node:http';

/** Reads request bodies and answers with their length: <port>. */

const server = createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => {
    const body = String(bytes);
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body);
  });
});
// A large body may take longer than the five minutes that node:http allows, on a busy machine.
server.requestTimeout = 0;
server.keepAliveTimeout = 3_600_000;
server.listen(Number(process.argv[2]), '127.0.0.1');
