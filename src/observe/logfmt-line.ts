/** What needs no quotes: visible ASCII but `"`, `=` and `\`. */
const BARE = /^[\x21\x23-\x3c\x3e-\x5b\x5d-\x7e]+$/;
const NOT_IN_KEYS = /[^A-Za-z0-9_.-]/g;
/** JSON leaves these as they are, and some readers do not. */
const UNSAFE_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Writes a line of JSON as logfmt: `level=info msg=request status=200`. What stands in a mapping has a name with dots,
 * `reason.rule=failures`; a list is JSON. A value that could be misread stands in quotes, with the escapes of JSON.
 */
export function logfmtLine(line: string): string {
  const fields: string[] = [];
  add(fields, '', JSON.parse(line) as object);
  return `${fields.join(' ')}\n`;
}

function add(fields: string[], prefix: string, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    const key = prefix + name.replace(NOT_IN_KEYS, '_');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) add(fields, `${key}.`, value);
    else fields.push(`${key}=${text(value)}`);
  }
}

function text(value: unknown): string {
  const plain = typeof value === 'string' ? value : JSON.stringify(value);
  if (BARE.test(plain)) return plain;
  return JSON.stringify(plain).replace(UNSAFE_IN_JSON, escaped);
}

/** In UTF-16, as JSON wants it. */
function escaped(character: string): string {
  let text = '';
  for (let at = 0; at < character.length; at++)
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return text;
}
