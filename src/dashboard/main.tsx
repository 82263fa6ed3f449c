import { render } from 'preact';
import { App } from './app.tsx';
import { AdminApi } from './live/admin-api.ts';
import { LiveClient } from './live/live-client.ts';
import { LiveContext } from './live/live-context.ts';
import { LiveStore } from './live/live-store.ts';
import { ServerClock } from './live/server-clock.ts';
import { applyTheme } from './live/theme.ts';
import { Guard } from './parts/guard.tsx';
import { titleOf } from './words/title.ts';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/cards.css';
import './styles/charts.css';
import './styles/timeline.css';
import './styles/views.css';

applyTheme();

const api = new AdminApi();
const clock = new ServerClock();
const store = new LiveStore((paint) => requestAnimationFrame(paint));
const client = new LiveClient({ api, store, clock });

// At once, not with the next frame: in a hidden tab the title is all that one sees.
store.watch((state) => {
  const title = titleOf(state);
  if (document.title !== title) document.title = title;
});

render(
  <LiveContext.Provider value={{ api, clock, store, client }}>
    <Guard>
      <App />
    </Guard>
  </LiveContext.Provider>,
  document.getElementById('page')!,
);
client.start();
