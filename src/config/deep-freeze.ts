/** Freezes what is reachable from `value`, maps included, and returns it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const entry of value.values()) deepFreeze(entry);
    // Object.freeze leaves a map's entries writable.
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse });
    return Object.freeze(value);
  }
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}

function refuse(): never {
  throw new TypeError('the configuration cannot be changed while it is in use');
}
