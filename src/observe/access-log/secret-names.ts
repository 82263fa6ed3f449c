import { ALWAYS_REDACTED } from './always-redacted.ts';

/** The names whose values no log may hold, of header fields and of parameters. */
export class SecretNames {
  readonly #names: ReadonlySet<string>;

  /** @param more besides ALWAYS_REDACTED */
  constructor(more: readonly string[]) {
    this.#names = new Set([...ALWAYS_REDACTED, ...more].map(normalized));
  }

  /** Also of one within another, as in `user[password]` and `auth.token`. */
  has(name: string): boolean {
    const all = normalized(name);
    return this.#names.has(all) || all.split(/[^a-z0-9]+/).some((part) => this.#names.has(part));
  }
}

/** Also `accessToken` is `access_token`. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
