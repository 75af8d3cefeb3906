/** Owns old snapshots: whether they, and their digests, stay what they were. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import { digestOfContents } from '../world/canonical.ts';
import type { Ledger } from './ledger.ts';

/** How many snapshots of a store are held at once. */
const MOST = 5;

/** Holds snapshots of one store while it goes on. */
export class HeldSnapshots {
  readonly #ledger: Ledger;
  readonly #name: string;
  readonly #held: { readonly snapshot: Snapshot<KubernetesObject>; readonly digest: string }[] = [];
  readonly #digests = new Map<number, string>();

  constructor(ledger: Ledger, name: string) {
    this.#ledger = ledger;
    this.#name = name;
  }

  /** Digests by modCount, as they were when the snapshots were taken: for the log, which should know them too. */
  get digests(): ReadonlyMap<number, string> {
    return this.#digests;
  }

  /** Compares a snapshot's digest with its contents, and holds it; the one that was held longest is looked at again. */
  take(snapshot: Snapshot<KubernetesObject>): void {
    const digest = scratchDigest(snapshot);
    const said = snapshot.digest();
    this.#ledger.check(
      'digest is that of the contents',
      said === digest,
      () =>
        `${this.#name}: digest() at modCount ${snapshot.modCount} is ${said}, the contents make ${digest}`,
    );
    this.#digests.set(snapshot.modCount, digest);
    this.#held.push({ snapshot, digest });
    if (this.#held.length > MOST) this.#release();
  }

  /** Looks at all that are held, and lets go of them. */
  releaseAll(): void {
    while (this.#held.length > 0) this.#release();
  }

  #release(): void {
    const oldest = this.#held.shift();
    if (oldest === undefined) return;
    const now = scratchDigest(oldest.snapshot);
    this.#ledger.check(
      'snapshots stay as they are',
      now === oldest.digest,
      () =>
        `${this.#name}: the snapshot of modCount ${oldest.snapshot.modCount} has changed while it was held`,
    );
  }
}

function scratchDigest(snapshot: Snapshot<KubernetesObject>): string {
  const objects = [...snapshot];
  return digestOfContents(snapshot.refs().map(({ keys }, i) => ({ keys, object: objects[i] })));
}
