import { useEffect, useState } from 'preact/hooks';
import { useLive } from '../live/live-context.ts';
import { ConfigTree } from './config-tree.tsx';
import { CopyButton } from './copy-button.tsx';

/** The configuration in effect. It is asked for when it is looked at; it does not change while the gateway runs. */
export function ConfigView() {
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
      <div class="view-head">
        <h1 id="config-title">Configuration</h1>
        <p>What is in effect, defaults and profiles worked in. Secrets are masked by the gateway.</p>
      </div>
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
