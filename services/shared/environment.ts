/** One environment variable: how its text becomes a value, and what to say when it cannot. */
export interface Variable<T> {
  /** Completes the sentence "… is not valid: expected …". */
  readonly expected: string;
  /** Holds when the variable is unset or empty. */
  readonly fallback: T;
  /** `undefined` when the text is not what is expected. */
  parse(text: string): T | undefined;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;

export type Settings<V extends Variables> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

/** One or more environment variables that cannot be used. The message has one line for each. */
export class EnvironmentError extends Error {
  readonly code = 'INVALID_ENVIRONMENT';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'EnvironmentError';
  }
}

/** A value may be a URL with a password in it; what is printed may not. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/, '//***@');
}

/**
 * Reads all variables at once, so that one start shows every mistake.
 *
 * @throws EnvironmentError naming each variable, its value and what was expected
 */
export function readEnvironment<V extends Variables>(env: NodeJS.ProcessEnv, variables: V): Settings<V> {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const text = env[name]?.trim();
    // Compose hands over `${NAME:-}` as an empty string: not set.
    if (!text) {
      settings[name] = variable.fallback;
      continue;
    }
    const value = variable.parse(text);
    if (value === undefined) {
      problems.push(`${name}="${withoutPassword(text)}" is not valid: expected ${variable.expected}`);
    }
    settings[name] = value;
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return Object.freeze(settings) as Settings<V>;
}
