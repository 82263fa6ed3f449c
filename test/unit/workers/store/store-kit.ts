import { EventEmitter } from 'node:events';
import type { ChangeMarks } from '../../../../src/proxy/cache/change-marks.ts';
import { MARK_WORDS, SharedMarks } from '../../../../src/proxy/cache/shared-marks.ts';
import type { StoredResponse } from '../../../../src/proxy/cache/stored-entry.ts';
import { MainStore } from '../../../../src/workers/store/main-store.ts';
import { sendableEntry } from '../../../../src/workers/store/sent-entry.ts';
import type { SentEntry, StoreAnswer, StoreCall } from '../../../../src/workers/store/store-messages.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';

export const KEEP_MS = 60_000;

/** Keys under which something has been stored at some time. */
const STORED = ['a', 'b', 'c', 'd', 'one more', ...Array.from({ length: 1024 }, (_, nth) => `key ${nth}`)];

export function answerOf(body: string | Buffer): StoredResponse {
  return {
    kind: 'response',
    status: 200,
    reason: 'OK',
    headers: ['Content-Type', 'text/plain', 'Cache-Control', 'max-age=600'],
    body: Buffer.from(body),
    ageMs: 0,
    policy: {} as StoredResponse['policy'],
    forAuthorized: false,
    neverStale: false,
  };
}

export function newMarks(): ChangeMarks {
  return new SharedMarks(sharedWords(MARK_WORDS));
}

/** A worker's end of a way at whose other end the test sits. It copies and takes away what a real one does. */
export class FakePort extends EventEmitter {
  readonly calls: StoreCall[] = [];
  isClosed = false;

  postMessage(message: object, transfer: ArrayBuffer[]): void {
    this.calls.push(structuredClone(message, { transfer }) as StoreCall);
  }

  answer(call: StoreCall | undefined, entry?: SentEntry): void {
    const message: StoreAnswer = { id: call!.id, entry };
    this.emit('message', structuredClone(message));
  }

  close(): void {
    this.isClosed = true;
  }

  unref(): void {}
}

/** A worker's store before a main thread that is the test. */
export class StoreKit {
  readonly time = new FakeTime();
  readonly port = new FakePort();
  readonly marks = newMarks();
  readonly versions = newMarks();
  readonly store: MainStore;

  constructor({ maxBytes = 1024 * 1024 } = {}) {
    this.store = new MainStore({
      port: this.port,
      marks: this.marks,
      versions: this.versions,
      maxEntries: 1000,
      maxBytes,
      clock: this.time,
      timer: this.time,
    });
    for (const key of STORED) this.versions.changed(key);
  }

  /** What the main thread has of this answer under a key, so many milliseconds old. */
  kept(key: string, body: string, ageMs = 0): SentEntry {
    return {
      ...sendableEntry(answerOf(body)),
      mark: this.marks.of(key),
      storedAt: this.time.now() - ageMs,
      keepMs: KEEP_MS,
    };
  }

  /** The body of what is found; the main thread's answer, if it is asked, is this. */
  async find(key: string, body: string): Promise<string | undefined> {
    const asked = this.port.calls.length;
    const found = this.store.get(key);
    if (this.port.calls.length > asked) this.port.answer(this.port.calls.at(-1), this.kept(key, body));
    return bodyOf(await found);
  }
}

export function bodyOf(found: Awaited<ReturnType<MainStore['get']>>): string | undefined {
  return found?.value.kind === 'response' ? found.value.body.toString() : undefined;
}
