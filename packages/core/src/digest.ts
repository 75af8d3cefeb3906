/** Owns the digest of a state: a sum over its entries that is independent of order and history. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Entry } from './entry.ts';
import { createIdentityTree, type IdentityTree } from './entry-tree.ts';
import { nextTurn, YIELD_EVERY } from './event-loop.ts';
import type { SnapshotState } from './snapshot-state.ts';
import { treeDifferences } from './tree-difference.ts';

/** The contents a digest was last computed for; what follows costs only what differs from them. */
interface Digested {
  readonly tree: IdentityTree<unknown>;
  readonly sum: bigint;
}

const MODULUS = 1n << 256n;

/** Known digests by tree, and for each store shape the one computed last, from which the next is reached. */
const known = new WeakMap<object, Digested>();
const last = new WeakMap<object, Digested>();

export function digestOf<T>(state: SnapshotState<T>): string {
  const steps = compute(state);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

export async function digestOfAsync<T>(state: SnapshotState<T>): Promise<string> {
  const steps = compute(state);
  let count = 0;
  let step = steps.next();
  while (step.done !== true) {
    if (++count % YIELD_EVERY === 0) await nextTurn();
    step = steps.next();
  }
  return step.value;
}

/** Computes a digest, one entry at a step. */
function* compute<T>(state: SnapshotState<T>): Generator<undefined, string> {
  const done = known.get(state.identity);
  if (done !== undefined) return asHex(done.sum);
  const base = last.get(state.shape) ?? { tree: createIdentityTree<unknown>(), sum: 0n };
  let sum = base.sum;
  for (const { before, after } of treeDifferences(base.tree as IdentityTree<T>, state.identity)) {
    if (before !== undefined) sum += MODULUS - hashOf(before);
    if (after !== undefined) sum += hashOf(after);
    sum %= MODULUS;
    yield;
  }
  const digested: Digested = { tree: state.identity as IdentityTree<unknown>, sum };
  known.set(state.identity, digested);
  last.set(state.shape, digested);
  return asHex(sum);
}

function hashOf<T>(entry: Entry<T>): bigint {
  const text = canonicalJson([entry.keys, entry.glimpse]);
  return BigInt(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`);
}

function asHex(sum: bigint): string {
  return sum.toString(16).padStart(64, '0');
}
