/** Owns the deep freezing of plain JSON that was just parsed and that nobody else holds. */

/** Freezes a value and everything in it, at most as deep as JSON may nest; for Immer the result counts as frozen. */
export function freezeJson<V>(value: V): V {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) for (const element of value) freezeJson(element);
  else for (const name in value) freezeJson(value[name]);
  return Object.freeze(value);
}
