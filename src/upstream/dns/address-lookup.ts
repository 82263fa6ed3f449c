import { Resolver } from 'node:dns/promises';
import type { DnsConfig, TargetConfig } from '../../config/gateway-config.ts';
import type { Timer } from '../../resilience/index.ts';
import { type Address, targetsAt } from './targets-at.ts';

/** Of a whole lookup, whatever it takes. */
const TIMEOUT_MS = 5_000;

/** A query is sent again once, so that one lost packet is no failure. */
const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

/** A name that lists more is answered in part. */
const MAX_ADDRESSES = 64;

/** What a server says of a name that it knows has no such record. It is an answer, not a failure. */
const NOTHING: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

/** Asks DNS what a configured target stands for. One lookup at a time. */
export class AddressLookup {
  readonly #records: DnsConfig['records'];
  readonly #timer: Timer;
  readonly #resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  #expired = false;

  constructor({ records, servers }: DnsConfig, timer: Timer) {
    this.#records = records;
    this.#timer = timer;
    if (servers.length > 0) this.#resolver.setServers(servers);
  }

  /**
   * @returns one or more targets that differ from the given one in address and weight, for `srv` in the port too
   * @throws {Error} it failed, took longer than 5 s, or there is nothing
   */
  async lookup(target: TargetConfig): Promise<TargetConfig[]> {
    this.#expired = false;
    const stopTimer = this.#timer.start(TIMEOUT_MS, () => {
      this.#expired = true;
      this.cancel();
    });
    try {
      const srv = this.#records === 'srv';
      const found = srv ? await this.#services(target.hostname) : await this.#hosts(target);
      if (found.length === 0) throw new Error(`DNS has no ${this.#records.toUpperCase()} record`);
      return targetsAt(target, found.slice(0, MAX_ADDRESSES), srv);
    } catch (error) {
      throw this.#expired ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`, { cause: error }) : error;
    } finally {
      stopTimer();
    }
  }

  /** Ends the lookup that is under way: it fails. */
  cancel(): void {
    this.#resolver.cancel();
  }

  async #hosts({ hostname, port }: TargetConfig): Promise<Address[]> {
    const addresses = await this.#addresses(hostname);
    return addresses.map((address) => ({ address, port, share: 1 }));
  }

  /** RFC 2782: of the records the group with the lowest priority. A weight of 0 gets next to nothing beside others. */
  async #services(name: string): Promise<Address[]> {
    const records = await this.#resolver.resolveSrv(name).catch(nothing);
    const lowest = Math.min(...records.map(({ priority }) => priority));
    // The name "." says that there is no such service.
    const group = records
      .filter(({ priority, name }) => priority === lowest && name !== '' && name !== '.')
      .sort((one, other) => one.port - other.port || order(one.name, other.name));
    const found = await Promise.all(
      group.slice(0, MAX_ADDRESSES).map(async ({ name, port, weight }) => {
        const addresses = await this.#addresses(name);
        const share = Math.max(weight, 0.1) / addresses.length;
        return addresses.map((address) => ({ address, port, share }));
      }),
    );
    return found.flat();
  }

  async #addresses(name: string): Promise<string[]> {
    if (this.#records === 'aaaa') return (await this.#resolver.resolve6(name).catch(nothing)).sort(order);
    const addresses = await this.#resolver.resolve4(name).catch(nothing);
    if (addresses.length > 0 || this.#records === 'a') return addresses.sort(order);
    return (await this.#resolver.resolve6(name).catch(nothing)).sort(order);
  }
}

/** Servers turn their lists around: of a long one each answer would otherwise give others. */
function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function nothing(error: NodeJS.ErrnoException): [] {
  if (NOTHING.has(error.code)) return [];
  throw error;
}
