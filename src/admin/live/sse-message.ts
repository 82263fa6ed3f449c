/**
 * A message of a stream of server-sent events (WHATWG HTML, 9.2). JSON holds no line breaks, so that one line of data is
 * enough.
 *
 * @param id what a client that comes back names in Last-Event-ID
 */
export function sseMessage(event: string, data: unknown, id?: number): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
