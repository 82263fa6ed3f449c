import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, get } from './ask.ts';
import { Child } from './child.ts';
import type { Core } from './cores.ts';
import { freePort } from './free-port.ts';
import { nginxCommand, nginxMain } from './nginx.ts';
import { waitFor } from './wait-for.ts';

export const SMALL_JSON =
  '{"id":4711,"name":"Ada Lovelace","school":"Analytical Engine Academy","enrolled":true,"courses":["logic","poetry"]}';
export const TEN_KIB = 10 * 1024;
export const ONE_MIB = 1024 * 1024;

/** A field in which the upstream says what `check` in the query was: proof that it has seen that request. */
export const SEEN = 'X-Seen';

/** How many addresses of 127.0.1.0/24 the upstream answers on, besides 127.0.0.1. */
export const MANY_UPSTREAMS = 200;

/** Where a proxy finds its upstream. All addresses are one nginx. */
export interface UpstreamPlace {
  readonly port: number;
  /** 127.0.0.1 */
  readonly address: string;
  /** The others. */
  readonly many: readonly string[];
}

/** The nginx behind every proxy. */
export class Upstream {
  readonly place: UpstreamPlace;
  readonly child: Child;
  /** Requests that only asked for their number. */
  #asked = 0;

  private constructor(place: UpstreamPlace, child: Child) {
    this.place = place;
    this.child = child;
  }

  /** @param bigBytes size of `/big`, a file that takes no room on the disk */
  static async start(folder: string, core: Core, bigBytes: number): Promise<Upstream> {
    const port = await freePort();
    const many = Array.from({ length: MANY_UPSTREAMS }, (_, index) => `127.0.1.${index + 1}`);
    const place = { port, address: '127.0.0.1', many };
    writeFileSync(join(folder, '10k'), 'x'.repeat(TEN_KIB));
    writeFileSync(join(folder, '1m'), 'x'.repeat(ONE_MIB));
    writeFileSync(join(folder, 'big'), '');
    truncateSync(join(folder, 'big'), bigBytes);
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, place));
    const child = new Child(nginxCommand(folder), core);
    const upstream = new Upstream(place, child);
    await waitFor('The upstream', child, async () => (await upstream.requests()) === 0);
    return upstream;
  }

  /** Requests that it has seen, without those that ask for this number. */
  async requests(): Promise<number> {
    const { body } = await ask(this.place.port, get('/upstream-requests'));
    // ngx_http_stub_status_module: "server accepts handled requests", then the three numbers.
    const seen = /(\d+) \nReading/.exec(body.toString('latin1'))?.[1];
    return Number(seen) - ++this.#asked;
  }

  /**
   * Waits until nothing more arrives, and returns the number of requests. What a load left behind when it was ended is
   * still on its way, and would count for the next one.
   *
   * @throws Error when that takes longer than ten seconds
   */
  async settled(): Promise<number> {
    const deadline = performance.now() + 10_000;
    let last = await this.requests();
    while (performance.now() < deadline) {
      await sleep(100);
      const now = await this.requests();
      if (now === last) return now;
      last = now;
    }
    throw new Error('requests went on reaching the upstream after the load had ended');
  }
}

function configuration(folder: string, { port, address, many }: UpstreamPlace): string {
  const listen = [address, ...many].map((ip) => `    listen ${ip}:${port} backlog=4096;`).join('\n');
  return `${nginxMain(folder)}
http {
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_header_buffer_size 8k;
  client_max_body_size 0;
  open_file_cache max=16;
  server {
${listen}
    root ${folder};
    # Not sent while there is nothing to say.
    add_header ${SEEN} $arg_check;
    location / { return 200 '${SMALL_JSON}'; }
    location = /10k { }
    location = /1m { }
    location = /big { }
    # \`return\` would answer before the body is there. The mirror module reads it whole first, and a file cannot be
    # posted to, which ends in the small answer.
    location = /post { mirror /nothing; try_files /10k =404; error_page 405 =200 @small; }
    location = /nothing { internal; return 204; }
    location @small { return 200 '${SMALL_JSON}'; }
    location = /upstream-requests { stub_status; }
  }
}
`;
}
