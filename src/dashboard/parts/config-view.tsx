import { useEffect, useState } from 'preact/hooks';
import type { Overview, TrafficSample } from '../../admin/live/live-types.ts';
import { useLive } from '../live/live-context.ts';
import { ConfigTree } from './config-tree.tsx';
import { CopyButton } from './copy-button.tsx';
import { ViewHead } from './view-head.tsx';

/** The configuration in effect. It is asked for when it is looked at; it does not change while the gateway runs. */
interface Props {
  readonly overview: Overview;
  readonly samples: readonly TrafficSample[];
}

export function ConfigView({ overview, samples }: Props) {
  const { api } = useLive();
  const [config, setConfig] = useState<unknown>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let left = false;
    api.config().then(
      (answer) => !left && setConfig(answer),
      (error: Error) => !left && setProblem(error.message),
    );
    return () => {
      left = true;
    };
  }, [api]);
  return (
    <section aria-labelledby="config-title" class="config">
      <ViewHead overview={overview} samples={samples} id="config-title" title="Configuration">
        What is in effect, with defaults and profiles worked in. The gateway masks what is secret.
      </ViewHead>
      {problem !== null && <p role="alert">It could not be read: {problem}</p>}
      {config === null && problem === null && <p class="empty">Asking the gateway…</p>}
      {config !== null && (
        <>
          <CopyButton text={JSON.stringify(config, null, 2)} />
          <div class="config-tree">
            <ConfigTree value={config} />
          </div>
        </>
      )}
    </section>
  );
}
