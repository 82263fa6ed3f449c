import type { ConfigProblemCode } from './config-error.ts';
import type { Located, Path, SourceRange } from './yaml/located.ts';

/** A problem before its offsets have become a place. */
export interface Draft {
  readonly code: ConfigProblemCode;
  readonly message: string;
  /** Null where the mistake is not in the file. */
  readonly range: SourceRange | null;
  readonly hint: string | null;
  /** The variable that the value came from in place of the file's. */
  readonly override?: string | null;
}

/** A mistake in a value; says so when the value was not written in the file. */
export function draftAt(
  located: Located,
  code: ConfigProblemCode,
  message: string,
  range: SourceRange = located.range,
): Draft {
  const names = located.variables.map((name) => `\${${name}}`);
  return {
    code,
    message: located.override === null ? message : `${located.override}: ${message}`,
    range,
    override: located.override,
    hint: names.length === 0 ? null : `the value comes from the environment: ${names.join(', ')}`,
  };
}

/** `routes[0].path`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
