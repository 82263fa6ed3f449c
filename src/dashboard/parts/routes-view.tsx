import type { Overview, RouteOverview, TrafficSample, TrafficTotals } from '../../admin/live/live-types.ts';
import { count, percent } from '../words/format.ts';
import { stagesOf } from '../words/pipeline.ts';
import { stateView } from '../words/state-view.ts';
import { StateIcon } from './state-icon.tsx';
import { ViewHead } from './view-head.tsx';

interface Props {
  readonly overview: Overview;
  readonly samples: readonly TrafficSample[];
}

/**
 * Every route with what its requests pass through. Narrow screens show each row as a card, and a table that is displayed
 * as something else is none any more to screen readers: hence the roles.
 */
export function RoutesView({ overview, samples }: Props) {
  const { routes } = overview;
  return (
    <section aria-labelledby="routes-title" class="routes">
      <ViewHead overview={overview} samples={samples} id="routes-title" title="Routes">
        What requests pass through, in this order. Numbers are since the start.
      </ViewHead>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <table class="route-table" role="table">
        {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
        <thead role="rowgroup">
          {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
          <tr role="row">
            <Head>Requests to</Head>
            <Head>Upstream</Head>
            <Head>Pass through</Head>
            <Head number>Requests</Head>
            <Head number>Server errors</Head>
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
        <tbody role="rowgroup">
          {routes.map((route) => (
            <RouteRow
              key={`${route.host} ${route.methods} ${route.path}`}
              route={route}
              overview={overview}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Head({ children, number }: { readonly children: string; readonly number?: boolean }) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see RoutesView
    <th scope="col" role="columnheader" class={number ? 'number' : undefined}>
      {children}
    </th>
  );
}

function RouteRow({ route, overview }: { readonly route: RouteOverview; readonly overview: Overview }) {
  const breaker = overview.upstreams.find(({ name }) => name === route.upstream)?.breaker;
  const state = breaker && stateView(breaker);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see RoutesView
    <tr role="row">
      {/* biome-ignore lint/a11y/noRedundantRoles: see RoutesView */}
      <th scope="row" role="rowheader" class="route-path">
        <span class="mono">{route.path}</span>
        {(route.host !== null || route.methods !== null) && (
          <span class="route-only">
            {[route.methods?.join(', '), route.host].filter((text) => text != null).join(' on ')}
          </span>
        )}
      </th>
      <Cell label="Upstream" className="route-upstream">
        {state && (
          <span class={`state-word plain ${state.look}`}>
            <StateIcon look={state.look} />
            {route.upstream}
            <span class="visually-hidden">, {state.word}</span>
          </span>
        )}
      </Cell>
      <Cell label="Pass through">
        <ol class="pipeline">
          {stagesOf(route.pipeline).map(({ name, detail }) => (
            <li key={name}>
              <span class="stage-name">{name}</span>
              {detail !== '' && <span class="stage-detail">{detail}</span>}
            </li>
          ))}
        </ol>
      </Cell>
      <Cell label="Requests" number>
        {count(route.totals.requests)}
      </Cell>
      <Cell label="Server errors" number>
        {errorShare(route.totals)}
      </Cell>
    </tr>
  );
}

interface CellProps {
  readonly label: string;
  readonly number?: boolean;
  readonly className?: string;
  readonly children: preact.ComponentChildren;
}

function Cell({ label, number, className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see RoutesView
    <td role="cell" data-label={label} class={number ? 'number' : className}>
      {children}
    </td>
  );
}

function errorShare({ requests, classes }: TrafficTotals): string {
  if (requests === 0) return '–';
  return percent((100 * classes['5xx']) / requests);
}
