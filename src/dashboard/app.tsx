import { useEffect, useRef } from 'preact/hooks';
import { useLiveState } from './live/live-context.ts';
import { useHash } from './live/use-hash.ts';
import { Announcer } from './parts/announcer.tsx';
import { ConfigView } from './parts/config-view.tsx';
import { LoginForm } from './parts/login-form.tsx';
import { LostBanner } from './parts/lost-banner.tsx';
import { OverviewView } from './parts/overview-view.tsx';
import { RoutesView } from './parts/routes-view.tsx';
import { StartingPage } from './parts/starting-page.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { headline } from './words/headline.ts';

const VIEWS = ['', 'routes', 'config'];

export function App() {
  const state = useLiveState();
  const hash = useHash();
  const view = VIEWS.includes(hash) ? hash : '';
  const main = useRef<HTMLElement>(null);
  const shown = useRef(view);
  useEffect(() => {
    // Like a new page: reading goes on at its beginning.
    if (shown.current !== view) main.current?.focus();
    shown.current = view;
  }, [view]);

  // The band at the top has the colour of the situation, whatever view is shown.
  const look = state.overview === null ? 'closed' : headline(state.overview, state.samples, 0).look;

  if (state.phase === 'login') return <LoginForm problem={state.loginProblem} />;
  const lost = state.phase === 'lost';
  return (
    <div class={`frame ${lost ? 'lost' : look}`}>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes there, and the router must not see the address change */}
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <TopBar state={state} view={view} />
      {lost && <LostBanner state={state} />}
      <main ref={main} id="main" tabIndex={-1} class={lost ? 'page stale' : 'page'}>
        {state.overview === null ? (
          <StartingPage lost={lost} />
        ) : (
          <>
            {view === '' && <OverviewView state={state} overview={state.overview} />}
            {view === 'routes' && <RoutesView overview={state.overview} samples={state.samples} />}
            {view === 'config' && <ConfigView overview={state.overview} samples={state.samples} />}
          </>
        )}
      </main>
      <Announcer state={state} />
    </div>
  );
}
