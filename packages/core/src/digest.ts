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

/** How much is hashed in one turn of the event loop, a few milliseconds: many small resources, or one large one. */
const CHARACTERS_A_TURN = 256 * 1024;
const CHARACTERS_A_RESOURCE = CHARACTERS_A_TURN / YIELD_EVERY;

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
  let work = 0;
  let step = steps.next();
  while (step.done !== true) {
    work += step.value;
    if (work >= CHARACTERS_A_TURN) {
      work = 0;
      await nextTurn();
    }
    step = steps.next();
  }
  return step.value;
}

/** Computes a digest, one resource at a step; gives how much each step cost, in characters. */
function* compute<T>(state: SnapshotState<T>): Generator<number, string> {
  const done = known.get(state.identity);
  if (done !== undefined) return asHex(done.sum);
  const base = last.get(state.shape) ?? { tree: createIdentityTree<unknown>(), sum: 0n };
  let sum = base.sum;
  for (const { before, after } of treeDifferences(base.tree as IdentityTree<T>, state.identity)) {
    const gone = before && textOf(before);
    const came = after && textOf(after);
    if (gone !== undefined) sum += MODULUS - hashOf(gone);
    if (came !== undefined) sum += hashOf(came);
    sum %= MODULUS;
    yield CHARACTERS_A_RESOURCE + (gone?.length ?? 0) + (came?.length ?? 0);
  }
  const digested: Digested = { tree: state.identity as IdentityTree<unknown>, sum };
  known.set(state.identity, digested);
  last.set(state.shape, digested);
  return asHex(sum);
}

function textOf<T>(entry: Entry<T>): string {
  return canonicalJson([entry.keys, entry.glimpse]);
}

function hashOf(text: string): bigint {
  return BigInt(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`);
}

function asHex(sum: bigint): string {
  return sum.toString(16).padStart(64, '0');
}
