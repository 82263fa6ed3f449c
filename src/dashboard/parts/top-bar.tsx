import { useLive } from '../live/live-context.ts';
import type { LiveState } from '../live/live-state.ts';
import { useTheme } from '../live/theme.ts';
import { BrandMark } from './brand-mark.tsx';

const LINKS = [
  ['', 'Overview'],
  ['routes', 'Routes'],
  ['config', 'Configuration'],
] as const;

const PHASE_WORDS = { starting: 'Connecting', live: 'Live', lost: 'Disconnected', login: '' } as const;

interface Props {
  readonly state: LiveState;
  readonly view: string;
}

export function TopBar({ state, view }: Props) {
  const { client } = useLive();
  const gateway = state.overview?.gateway;
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="#/">
          <BrandMark />
          <span class="brand-name">Breakwater</span>
          {gateway && (
            <span class="brand-where" title={`Clients connect to ${gateway.listen}`}>
              {gateway.host}
            </span>
          )}
        </a>
        <nav aria-label="Sections" class="tabs">
          {LINKS.map(([name, label]) => (
            <a key={name} href={`#/${name}`} aria-current={view === name ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <div class="top-bar-end">
          <span class={`connection ${state.phase}`}>
            <span class="connection-mark" aria-hidden="true" />
            {PHASE_WORDS[state.phase]}
          </span>
          <ThemeButton />
          {state.signedIn && (
            <button type="button" class="quiet" onClick={() => client.logout()}>
              Sign out
            </button>
          )}
        </div>
      </div>
    </header>
  );
}

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
const THEME_WORDS = { system: 'Auto', light: 'Light', dark: 'Dark' } as const;

function ThemeButton() {
  const [theme, choose] = useTheme();
  return (
    <button
      type="button"
      class="quiet theme-button"
      onClick={() => choose(NEXT[theme])}
      aria-label={`Colours: ${THEME_WORDS[theme]}. Change to ${THEME_WORDS[NEXT[theme]]}`}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        {theme === 'system' && <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor" />}
        {theme === 'dark' && <circle cx="8" cy="8" r="6" fill="currentColor" />}
      </svg>
      {THEME_WORDS[theme]}
    </button>
  );
}
