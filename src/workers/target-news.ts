import type { GatewayCore } from './gateway-core.ts';
import type { ToWorker } from './messages.ts';

/** What DNS and health checks find is found in the main thread only; the workers are told. */
type TargetNews = Extract<ToWorker, { readonly type: 'targets' | 'probed' }>;

/** The main thread's side: sends news as they come. */
export function tellTargets(core: GatewayCore, send: (news: TargetNews) => void): void {
  for (const upstream of core.upstreams.values()) {
    upstream.onTargetsReplaced((place, configs, memories) =>
      send({ type: 'targets', upstream: upstream.name, place, configs, memories }),
    );
    upstream.onProbed((target) =>
      send({ type: 'probed', upstream: upstream.name, target: target.url, state: target.probes.state() }),
    );
  }
}

/** The news so far, for a worker that joins. */
export function allTargets(core: GatewayCore): TargetNews[] {
  const news: TargetNews[] = [];
  for (const upstream of core.upstreams.values()) {
    const { name } = upstream;
    for (const [place, { configs, memories }] of upstream.targetLists().entries()) {
      news.push({ type: 'targets', upstream: name, place, configs, memories });
    }
    for (const { url, probes } of upstream.targets) {
      if (probes.last !== null)
        news.push({ type: 'probed', upstream: name, target: url, state: probes.state() });
    }
  }
  return news;
}

/** A worker's side. */
export function hearTargets(core: GatewayCore, news: TargetNews): void {
  const upstream = core.upstreams.get(news.upstream);
  if (upstream === undefined) return;
  if (news.type === 'targets') {
    upstream.replaceTargets(news.place, news.configs, news.memories);
    return;
  }
  for (const target of upstream.targets) if (target.url === news.target) target.probes.adopt(news.state);
}
