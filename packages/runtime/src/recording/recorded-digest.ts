/** Owns the digest of a store in recorded form: equal for a run and for its replay. */
import { createHash } from 'node:crypto';
import type { KubernetesObject, Snapshot } from '@firn/core';
import { canonicalJson, type Entry, nextTurn, stateOf } from '@firn/core/engine';

const MODULUS = 1n << 256n;
const ENTRIES_A_TURN = 64;

/** What a resource is in a log. */
export type RecordedValue = (entry: Entry<KubernetesObject>) => unknown;

/**
 * The sum modulo 2^256 of SHA-256 over the canonical JSON of `[keys, value]` of every entry, as 64 hex digits.
 *
 * @param value - left out where resources are recorded as they are: then it is the snapshot's own digest, which costs
 * what changed.
 */
export async function recordedDigest(
  snapshot: Snapshot<KubernetesObject>,
  value: RecordedValue | undefined,
): Promise<string> {
  const { identity, shape } = stateOf(snapshot);
  const recorded =
    value ?? (shape.keepsResources ? undefined : (entry: Entry<KubernetesObject>) => entry.ref);
  if (recorded === undefined) return snapshot.digestAsync();
  let sum = 0n;
  let count = 0;
  for (const entry of identity) {
    const text = canonicalJson([entry.keys, recorded(entry)]);
    sum = (sum + BigInt(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`)) % MODULUS;
    if (++count % ENTRIES_A_TURN === 0) await nextTurn();
  }
  return sum.toString(16).padStart(64, '0');
}
