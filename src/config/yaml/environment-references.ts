/** Values by name, as `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

const OFFSET = 0xe000;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

const HOW = `write \${NAME} or \${NAME:-default}, or $\${ for the characters \${`;

/** Characters that the reader keeps for itself, see {@link shield}. */
export const RESERVED_CHARACTERS = /[\uE000-\uE07F]/;

/**
 * Hides `${…}` from the YAML parser, which in `{ token: ${TOKEN} }` would take its braces for a mapping and in
 * `${A:-x # y}` the rest for a comment. Every ASCII character goes to a private one of the same length, so that
 * offsets, lines and columns stay what they are in the file.
 */
export function shield(source: string): string {
  let result = '';
  let at = 0;
  let lineEnd = -1;
  for (let start = source.indexOf('${'); start !== -1; start = source.indexOf('${', at)) {
    if (lineEnd < start) lineEnd = endOfLine(source, start);
    const close = source.slice(start, lineEnd).indexOf('}');
    const end = close === -1 ? lineEnd : start + close + 1;
    const reference = source.slice(start, end);
    // Without its end on the same line it is no reference, nor is anything else before the next one.
    result += source.slice(at, start) + (close === -1 ? reference : reference.replace(/\p{ASCII}/gu, hide));
    at = end;
  }
  return result + source.slice(at);
}

function hide(character: string): string {
  return String.fromCharCode(OFFSET + character.charCodeAt(0));
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}

/** Takes {@link shield} back. */
export function unshield(text: string): string {
  return text.replace(/[\uE000-\uE07F]/g, (character) =>
    String.fromCharCode(character.charCodeAt(0) - OFFSET),
  );
}

export interface ReferenceProblem {
  readonly code: 'MISSING_VARIABLE' | 'INVALID_REFERENCE';
  readonly message: string;
  /** As written, `${NAME}`. */
  readonly reference: string;
}

export interface Interpolation {
  readonly text: string;
  /** Names of the variables that were asked for. */
  readonly variables: readonly string[];
  readonly problems: readonly ReferenceProblem[];
}

/**
 * Puts the environment's values in place of `${NAME}` and `${NAME:-default}`; the default also holds for a
 * variable that is set but empty, as in a shell. `$${` stands for `${` itself. Values are not looked at again.
 */
export function interpolate(text: string, env: Environment): Interpolation {
  const variables: string[] = [];
  const problems: ReferenceProblem[] = [];
  let result = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('${', at);
    if (start === -1) break;
    if (start > at && text[start - 1] === '$') {
      result += `${text.slice(at, start - 1)}\${`;
      at = start + 2;
      continue;
    }
    result += text.slice(at, start);
    const end = text.indexOf('}', start);
    const reference = text.slice(start, end === -1 ? undefined : end + 1);
    const value = end === -1 ? unclosed(reference) : lookUp(reference, env, variables);
    if (typeof value === 'string') result += value;
    else problems.push(value);
    at = start + reference.length;
  }
  return { text: result + text.slice(at), variables, problems };
}

function lookUp(reference: string, env: Environment, variables: string[]): string | ReferenceProblem {
  const match = VARIABLE.exec(reference.slice(2, -1));
  if (match === null) {
    return {
      code: 'INVALID_REFERENCE',
      message: `${reference} is not a reference to a variable; ${HOW}`,
      reference,
    };
  }
  const [, name, fallback] = match;
  variables.push(name!);
  const value = Object.hasOwn(env, name!) ? env[name!] : undefined;
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
  if (value !== undefined) return value;
  return {
    code: 'MISSING_VARIABLE',
    message: `the environment variable ${name} is not set; set it, or give a default: \${${name}:-…}`,
    reference,
  };
}

function unclosed(reference: string): ReferenceProblem {
  return {
    code: 'INVALID_REFERENCE',
    message: `\${ is not closed; ${HOW}`,
    reference,
  };
}
