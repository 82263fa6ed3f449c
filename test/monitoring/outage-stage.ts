import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { type RunningBreakwater, startBreakwater } from '../helpers/start-breakwater.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { startTestUpstream, type TestUpstream } from '../helpers/test-gateway.ts';

/** How the services behind the gateway behave: as they should, or as in an outage. */
export type Weather = 'fair' | 'foul';

const yaml = (school: readonly string[], auth: string, watched: string): string => `
server: { listen: '\${BREAKWATER_LISTEN}', workers: 2, shutdown_timeout: 1s }
admin: { listen: '\${BREAKWATER_ADMIN_LISTEN}', token: '\${BREAKWATER_ADMIN_TOKEN}' }
upstreams:
  school:
    targets: [${school.map((url) => `'${url}'`)}]
    circuit_breaker: { name: school-service-http, failure_threshold: 1000 }
    bulkhead: { max_concurrent: 2, queue: 1, queue_timeout: 800ms }
  auth:
    targets: ['${auth}']
    circuit_breaker: { name: auth-service-http, failure_threshold: 5, request_timeout: 200ms, open_timeout: 1s }
  watched:
    targets: ['${watched}']
    circuit_breaker: { failure_threshold: 2, open_timeout: 1s, mode: observe }
routes:
  - { path: /schools/*, upstream: school, retry: 2, cache: true, fallback: [{ stale: 5m }, { static: { json: [] } }] }
  - { path: /auth/*, upstream: auth }
  - { path: /watched, upstream: watched }
`;

/** A real gateway with two workers before real services, whose weather the test makes. */
export class OutageStage {
  weather: Weather = 'fair';
  gateway!: RunningBreakwater;
  readonly #parts: AsyncDisposable[] = [];

  static async open(): Promise<OutageStage> {
    const stage = new OutageStage();
    const school = [await stage.#service(stage.#school), await stage.#service(stage.#school)];
    const auth = await stage.#service(stage.#auth);
    const watched = await stage.#service(stage.#watched);
    const folder = await temporaryFolder();
    stage.#parts.push(folder);
    const file = `${folder.path}/gateway.yaml`;
    await writeFile(file, yaml(school, auth, watched));
    stage.gateway = await startBreakwater(file);
    stage.#parts.push(stage.gateway);
    return stage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts.reverse()) await part[Symbol.asyncDispose]();
  }

  async #service(answer: (response: ServerResponse, path: string) => void): Promise<string> {
    const service: TestUpstream = await startTestUpstream((request, response) => {
      request.resume().once('end', () => answer.call(this, response, request.url ?? ''));
    });
    this.#parts.push(service);
    return service.url;
  }

  #failsNext = false;

  /** Every second answer of `flaky` is a failure; those to `slow` keep their slot for a while. */
  #school(response: ServerResponse, path: string): void {
    if (this.weather === 'foul') {
      response.writeHead(503).end();
    } else if (path.includes('/slow')) {
      setTimeout(() => response.end('slow'), 1_200).unref();
    } else if (path.includes('/flaky')) {
      this.#failsNext = !this.#failsNext;
      response.writeHead(this.#failsNext ? 503 : 200, { 'Cache-Control': 'no-store' }).end('flaky');
    } else {
      response.writeHead(200, { 'Cache-Control': 'max-age=1' }).end('one school');
    }
  }

  #hangsNext = false;

  /** In foul weather every second request hangs and the others are cut off. */
  #auth(response: ServerResponse): void {
    if (this.weather === 'fair') {
      response.end('welcome');
      return;
    }
    this.#hangsNext = !this.#hangsNext;
    if (!this.#hangsNext) response.destroy();
  }

  #watched(response: ServerResponse): void {
    response.writeHead(this.weather === 'fair' ? 200 : 500).end();
  }
}
