/** Owns the measuring of a resource: about how many characters it has as JSON, without writing it. */

/** Quotes, a colon or a comma: what stands around a value. */
const AROUND = 3;

/** The length of the JSON text of a plain value, escapes not counted. */
export function jsonSize(value: unknown): number {
  if (typeof value === 'string') return value.length + AROUND;
  if (typeof value !== 'object' || value === null) return String(value).length + 1;
  let size = 2;
  if (Array.isArray(value)) {
    for (const element of value) size += jsonSize(element);
    return size;
  }
  for (const [name, field] of Object.entries(value)) size += name.length + AROUND + jsonSize(field);
  return size;
}
