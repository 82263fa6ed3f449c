import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'breakwater.theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function saved(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

systemIsDark.addEventListener('change', () => applyTheme());

/** Puts what was chosen last onto the document: the style sheets have one set of dark colours, not two. */
export function applyTheme(theme: Theme = saved()): void {
  const root = document.documentElement;
  root.dataset.theme = theme === 'system' ? (systemIsDark.matches ? 'dark' : 'light') : theme;
  root.dispatchEvent(new Event('themechange'));
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(saved);
  const choose = (next: Theme): void => {
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // A browser that stores nothing: it holds until the page is left.
    }
    setTheme(next);
    applyTheme(next);
  };
  return [theme, choose];
}

/** Counts up whenever the colours change, for what is drawn with them instead of styled. */
export function useThemeVersion(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const changed = (): void => setVersion((before) => before + 1);
    document.documentElement.addEventListener('themechange', changed);
    return () => document.documentElement.removeEventListener('themechange', changed);
  }, []);
  return version;
}
