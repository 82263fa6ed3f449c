import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { AdminCallError } from '../admin/admin-call-error.ts';
import { AdminClient } from '../admin/admin-client.ts';
import { type AdminOptions, findAdmin } from '../admin/find-admin.ts';
import type { CommandIo } from '../command-io.ts';
import { LostNotice } from '../status/lost-notice.ts';
import { Interruption } from '../terminal/interruption.ts';
import { paletteFor } from '../terminal/palette.ts';
import { pause } from '../terminal/pause.ts';
import { eventLines } from './event-lines.ts';
import { EventTail } from './event-tail.ts';

export interface EventsOptions extends AdminOptions {
  readonly follow: boolean;
  readonly json: boolean;
  /** Only events with a higher number. */
  readonly since?: string | undefined;
}

/** As long as browsers wait that the gateway tells how long to. */
const RETRY_MS = 1000;

/**
 * `breakwater events`.
 *
 * @returns the exit code: 0
 * @throws {AdminCallError}
 */
export async function events(options: EventsOptions, io: CommandIo): Promise<number> {
  const after = parseSince(options.since);
  const client = new AdminClient(await findAdmin(options, io));
  const palette = paletteFor(io.outScreen, io.env);
  const print = options.json
    ? (event: NumberedEvent) => io.out(`${JSON.stringify(event)}\n`)
    : (event: NumberedEvent) => io.out(`${eventLines(event, palette).join('\n')}\n`);
  if (options.follow) {
    await follow(client, { after, print }, io);
    return 0;
  }
  const list = await client.events(after);
  for (const event of list.events) print(event);
  // On standard error, so that a program that reads nothing has read nothing.
  if (list.events.length === 0) io.err('no events\n');
  return 0;
}

interface Following {
  readonly after: number;
  readonly print: (event: NumberedEvent) => void;
}

/** Until Ctrl-C. A gateway that is away for a while is waited for; one that was never there is an error. */
async function follow(client: AdminClient, { after, print }: Following, io: CommandIo): Promise<void> {
  using interruption = new Interruption(io);
  const { signal } = interruption;
  const notice = new LostNotice(io);
  const tail = new EventTail({ after, print, all: async () => (await client.events(0, signal)).events });
  let connected = false;
  while (!signal.aborted) {
    try {
      for await (const message of client.follow(tail.last, signal)) {
        connected = true;
        notice.back();
        await tail.take(message).catch((error: unknown) => {
          throw error instanceof AdminCallError ? error : client.strange(error);
        });
      }
      if (!signal.aborted)
        throw new AdminCallError('UNREACHABLE', `${client.place.url} has ended the connection`);
    } catch (error) {
      if (signal.aborted) return;
      const passing = error instanceof AdminCallError && error.passing && connected;
      if (!passing) throw error;
      notice.lost(error);
      await pause(RETRY_MS, signal);
    }
  }
}

function parseSince(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^#?\d{1,15}$/.test(text)) return Number(text.replace('#', ''));
  throw new AdminCallError('BAD_ARGUMENT', `--since must be the number of an event, as 12, not ${text}`);
}
