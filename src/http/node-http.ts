/**
 * What we use of node:http. An `import` of a built-in module evaluates all of its exports, and some of this one's load
 * Node's own WebSocket, and undici with it: 16 MB and 50 ms in every thread.
 */
export const { Agent, createServer, METHODS, STATUS_CODES } = process.getBuiltinModule('node:http');
