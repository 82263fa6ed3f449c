const KEY = 'breakwater.token';

/** The token lives as long as the tab: sessionStorage, or only this page where a browser forbids it. */
export const tokenStore = {
  load(): string | null {
    return attempt(() => sessionStorage.getItem(KEY));
  },
  save(token: string): void {
    attempt(() => sessionStorage.setItem(KEY, token));
  },
  forget(): void {
    attempt(() => sessionStorage.removeItem(KEY));
  },
};

function attempt<T>(access: () => T): T | null {
  try {
    return access();
  } catch {
    return null;
  }
}
