import { countOf } from '../words/format.ts';

interface Props {
  readonly value: unknown;
  /** How deep it stands; 0 for the whole. */
  readonly depth?: number;
}

/** Above this many a list begins closed. */
const MOST_OPEN = 8;

/** A configuration in the file's own keys; what has parts can be closed. */
export function ConfigTree({ value, depth = 0 }: Props) {
  if (!isObject(value)) return <Scalar value={value} />;
  const entries = Object.entries(value);
  if (entries.length === 0)
    return <span class="config-none">{Array.isArray(value) ? 'empty list' : 'none'}</span>;
  return (
    <ul class="config-list">
      {entries.map(([key, one]) => (
        <li key={key}>
          {isObject(one) && !isShort(one) && Object.keys(one).length > 0 ? (
            <details open={depth === 0 || entries.length <= MOST_OPEN}>
              <summary>
                <span class="config-key">{keyText(value, key, one)}</span>
                <span class="config-count">{size(one)}</span>
              </summary>
              <ConfigTree value={one} depth={depth + 1} />
            </details>
          ) : (
            <span class="config-leaf">
              <span class="config-key">{keyText(value, key, one)}</span>
              {isShort(one) ? (
                <ShortList values={one as unknown[]} />
              ) : (
                <ConfigTree value={one} depth={depth + 1} />
              )}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Scalar({ value }: { readonly value: unknown }) {
  const kind = value === null ? 'null' : typeof value;
  return <code class={`config-value ${kind}`}>{value === null ? 'none' : String(value)}</code>;
}

function ShortList({ values }: { readonly values: readonly unknown[] }) {
  if (values.length === 0) return <span class="config-none">empty list</span>;
  return (
    <span class="config-values">
      {values.map((value, place) => (
        <Scalar key={`${place} ${String(value)}`} value={value} />
      ))}
    </span>
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A list of plain values fits into a line. */
function isShort(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => !isObject(one));
}

/** Items of a list have no names; a route is best known by its path. */
function keyText(parent: object, key: string, value: unknown): string {
  if (!Array.isArray(parent)) return key;
  const { path, url } = (isObject(value) ? value : {}) as { path?: unknown; url?: unknown };
  return String(path ?? url ?? Number(key) + 1);
}

function size(value: object): string {
  const parts = Object.keys(value).length;
  return Array.isArray(value) ? countOf(parts, 'item') : countOf(parts, 'key');
}
