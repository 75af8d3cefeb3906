/** Owns digests that are computed from scratch, independently of those of the stores. */
import { createHash, hash } from 'node:crypto';

const MODULUS = 1n << 256n;

/** JSON whose names are sorted by UTF-16 code units, as RFC 8785 wants it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(fields).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`).join(',')}}`;
}

/** The digest of one object's contents. */
export function contentOf(object: unknown): string {
  return hash('sha1', canonical(object), 'base64');
}

/** What stores are told to cut out is not part of an object's contents. */
export function withoutIgnored<T>(object: T): T {
  const { metadata } = object as { readonly metadata?: { readonly managedFields?: unknown } };
  if (metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...kept } = metadata;
  return { ...object, metadata: kept };
}

/** The digest of a store with these contents, as `Snapshot.digest` promises it. */
export function digestOfContents(
  contents: Iterable<{ readonly keys: readonly string[]; readonly object: unknown }>,
): string {
  let sum = 0n;
  for (const { keys, object } of contents) {
    const hex = createHash('sha256')
      .update(canonical([keys, object]))
      .digest('hex');
    sum = (sum + BigInt(`0x${hex}`)) % MODULUS;
  }
  return sum.toString(16).padStart(64, '0');
}
