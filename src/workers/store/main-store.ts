import type { ChangeMarks } from '../../proxy/cache/change-marks.ts';
import type { StoredEntry } from '../../proxy/cache/stored-entry.ts';
import {
  backgroundTimer,
  type CacheStore,
  type Clock,
  type StoredValue,
  systemClock,
  type Timer,
} from '../../resilience/index.ts';
import { NearStore } from './near-store.ts';
import { receivedEntry, sendableEntry } from './sent-entry.ts';
import { StoreCalls, type StorePort } from './store-calls.ts';
import type { SentEntry } from './store-messages.ts';

export interface MainStoreOptions {
  /** To the StoreKeeper of the main thread. */
  readonly port: StorePort;
  readonly marks: ChangeMarks;
  readonly versions: ChangeMarks;
  /** Of the copies that this worker keeps. */
  readonly maxEntries: number;
  /** Of the same, 1 or more. */
  readonly maxBytes: number;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default backgroundTimer */
  readonly timer?: Timer | undefined;
}

type Answer = StoredValue<StoredEntry> | undefined;

/**
 * The store that the main thread keeps for all workers, as one of them uses it. It fails by having nothing: when the main
 * thread is too busy to answer, a get finds nothing, and what was to be stored is not.
 */
export class MainStore implements CacheStore<StoredEntry> {
  readonly #marks: ChangeMarks;
  readonly #versions: ChangeMarks;
  readonly #clock: Clock;
  readonly #calls: StoreCalls;
  readonly #near: NearStore;
  /** Those who ask for a key while it is being asked for share the answer. */
  readonly #asked = new Map<string, Promise<Answer>>();

  constructor({ port, marks, versions, maxEntries, maxBytes, ...times }: MainStoreOptions) {
    const { clock = systemClock, timer = backgroundTimer } = times;
    this.#marks = marks;
    this.#versions = versions;
    this.#clock = clock;
    this.#calls = new StoreCalls(port, { clock, timer });
    this.#near = new NearStore({ maxEntries, maxBytes, marks, versions, clock });
  }

  /** Never rejects. */
  get(key: string): Answer | Promise<Answer> {
    const near = this.#near.get(key);
    if (near !== undefined) return near ?? undefined;
    return this.#asked.get(key) ?? this.#ask(key);
  }

  /** Never rejects; settles when the main thread has it, or will not. */
  async set(key: string, value: StoredEntry, keepMs: number): Promise<void> {
    this.#forgetNear(key);
    if (!this.#calls.accepts(value.kind === 'response' ? value.body.length : 0)) return;
    const entry = {
      ...sendableEntry(value),
      mark: this.#marks.of(key),
      storedAt: this.#clock.now(),
      keepMs,
    };
    // Before it is sent: from now on nobody trusts a copy of what was there.
    this.#versions.changed(key);
    await this.#calls.send({ op: 'set', key, entry }, entry.body);
  }

  /** Never rejects. Of what has been marked as changed before; anything else stays. */
  async delete(key: string): Promise<void> {
    this.#forgetNear(key);
    if (this.#versions.of(key) !== 0) await this.#calls.send({ op: 'delete', key });
  }

  /** Afterwards it has nothing. */
  close(): void {
    this.#calls.close();
  }

  #ask(key: string): undefined | Promise<Answer> {
    // Before the question: what the store is given while it is on its way makes the copy doubtful.
    const version = this.#versions.of(key);
    // Nobody has stored anything yet under this key or those that share its word.
    if (version === 0 || !this.#calls.accepts(0)) return undefined;
    const asked = this.#calls.send({ op: 'get', key }).then((answer) => {
      if (this.#asked.get(key) === asked) this.#asked.delete(key);
      return answer === null ? undefined : this.#received(key, answer.entry, version);
    });
    this.#asked.set(key, asked);
    return asked;
  }

  #received(key: string, sent: SentEntry | undefined, version: number): Answer {
    if (sent === undefined) {
      const nothing = { entry: null, mark: this.#marks.of(key), version, storedAt: 0 };
      this.#near.set(key, nothing, Number.POSITIVE_INFINITY);
      return undefined;
    }
    const { mark, storedAt, keepMs } = sent;
    const ageMs = Math.max(0, this.#clock.now() - storedAt);
    // It may have changed, or become too old, on its way here.
    if (mark !== this.#marks.of(key) || ageMs >= keepMs) return undefined;
    const entry = receivedEntry(sent);
    this.#near.set(key, { entry, mark, version, storedAt }, keepMs - ageMs);
    return { value: entry, ageMs };
  }

  /** What is being asked for is the answer of before, too. */
  #forgetNear(key: string): void {
    this.#near.delete(key);
    this.#asked.delete(key);
  }
}
