import { pagePackage } from '../test/browser/page-package.ts';
import { StageGateway } from '../test/browser/stage-gateway.ts';
import { StageUpstream } from '../test/browser/stage-upstream.ts';
import { seededRandom } from '../test/helpers/seeded-random.ts';

/** How long auth stays open: long enough for a picture of the countdown. */
export const OPEN_SECONDS = 45;

const random = seededRandom(6);

/** Most answers are near the median, a few take several times as long. */
const around = (medianMs: number) => (): number =>
  medianMs * Math.exp(0.5 * (random() + random() + random() - 1.5) * 2);

/** A school system under some traffic, whose auth service the pictures break. */
export async function screenshotStage() {
  const folder = await pagePackage();
  const auth = await StageUpstream.start(around(14));
  const schools = [await StageUpstream.start(around(8)), await StageUpstream.start(around(9))] as const;
  const student = await StageUpstream.start(around(22));
  const gateway = await StageGateway.start(
    folder.path,
    `
upstreams:
  auth:
    targets: [${auth.url}]
    circuit_breaker: { name: auth-service-http, failure_threshold: 5, open_timeout: ${OPEN_SECONDS}s }
  school:
    targets: [${schools[0].url}, ${schools[1].url}]
    circuit_breaker: { name: school-service-http, failure_rate: 50%, window: 30s, min_requests: 20, failure_threshold: 10 }
    bulkhead: { max_concurrent: 64, queue: 32 }
  student:
    targets: [${student.url}]
    circuit_breaker: { name: student-service-http, failure_threshold: 5, open_timeout: 60s }
routes:
  - path: /auth/profile/*
    upstream: auth
    fallback: [{ static: { status: 200, json: { name: guest } } }]
  - { path: /auth/*, upstream: auth }
  - path: /schools/*
    upstream: school
    retry: { attempts: 2, budget: 20% }
    timeout: 5s
  - { path: /students/*, upstream: student }
`,
  );
  const stops = [
    traffic(gateway, 9, () =>
      random() < 0.3 ? '/auth/profile/7' : random() < 0.05 ? '/auth/login/401' : '/auth/login',
    ),
    traffic(gateway, 14, () => (random() < 0.02 ? '/schools/404' : '/schools/1')),
    traffic(gateway, 6, () => '/students/3'),
  ];
  return {
    gateway,
    auth,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const stop of stops) stop();
      await gateway.end();
      for (const upstream of [auth, ...schools, student]) await upstream.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Requests with gaps that vary around a rate. @returns ends it */
function traffic(gateway: StageGateway, perSecond: number, path: () => string): () => void {
  let stopped = false;
  const next = (): void => {
    if (stopped) return;
    // What fails is in the pictures.
    gateway.ask(path()).catch(() => undefined);
    // A slow wave, so that the lines live.
    const wave = 1 + 0.25 * Math.sin(Date.now() / 9000 + perSecond);
    setTimeout(next, (1000 / (perSecond * wave)) * (0.4 + 1.2 * random()));
  };
  next();
  return () => {
    stopped = true;
  };
}
