import { parseResponse } from '../helpers/raw-message.ts';

/** What a client got on one connection, answer by answer. */
export interface ClientAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly string[];
  /** Chunks put together. */
  readonly body: string;
  readonly framing: string;
  readonly trailers: readonly string[];
  /** False: its end has not come. */
  readonly whole: boolean;
}

/**
 * Reads what a client got with a strict parser, which throws where it is not valid.
 *
 * @param methods of the requests that were sent
 * @param ended by FIN, which is the end of an answer without a length
 */
export function readAnswers(bytes: Buffer, methods: readonly string[], ended: boolean): ClientAnswer[] {
  const answers: ClientAnswer[] = [];
  let nth = 0;
  for (let rest = bytes; rest.length > 0; ) {
    const toHead = methods[nth] === 'HEAD';
    const parsed = parseResponse(rest, toHead, ended ? 'end' : null);
    if (parsed === null) {
      answers.push(readBegun(rest));
      break;
    }
    const { status, reason, fields, framing, body, trailers } = parsed.value;
    answers.push({
      status,
      reason,
      fields: fields.map((field) => field.join(': ')),
      body: body.toString('latin1'),
      framing,
      trailers: trailers.map((field) => field.join(': ')),
      whole: true,
    });
    if (status >= 200) nth++;
    rest = rest.subarray(parsed.length);
  }
  return answers;
}

/** An answer whose end has not come. */
function readBegun(bytes: Buffer): ClientAnswer {
  const text = bytes.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, headEnd === -1 ? undefined : headEnd).split('\r\n');
  const content = headEnd === -1 ? '' : text.slice(headEnd + 4);
  const chunked = fields.some((field) => /^transfer-encoding:/i.test(field));
  return {
    status: Number(line.split(' ', 2)[1]),
    reason: line.split(' ').slice(2).join(' '),
    fields,
    body: chunked ? joined(content) : content,
    framing: chunked ? 'chunked' : 'length',
    trailers: [],
    whole: false,
  };
}

/** The data of the chunks that are there, the last of which may be cut. */
function joined(content: string): string {
  let body = '';
  for (let rest = content; ; ) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (line === null) return body;
    const from = line[0].length;
    const to = from + Number.parseInt(line[1] as string, 16);
    body += rest.slice(from, to);
    rest = rest.slice(to + 2);
  }
}
