/** Owns the comparison of what one store told with what the writers know: nothing made up, lost or turned back. */
import type { KubernetesObject } from '@firn/core';
import type { AnyChange } from '@firn/stores';
import { isOurs, type Place } from '../world/resources.ts';
import type { Version, VersionModel } from '../world/version-model.ts';
import type { Watch } from '../world/watches.ts';
import { type Held, identityOf } from './change-fold.ts';
import type { Ledger } from './ledger.ts';

/** A change, kept until the writers know the version it shows: a watch may be faster than the answer to a write. */
interface Claim {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly isWatched: boolean;
  readonly place: Place;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly content: string | undefined;
  readonly madeAt: number;
}

/** A list, between the changes before it and its own: what was held when it came. */
interface Listed {
  readonly held: ReadonlySet<string>;
}

/** How long the answer to a write may take, in milliseconds of the machine's clock. */
const PATIENCE = 5_000;

/** What was told last of a place. */
interface Told {
  readonly number: number;
  /** Said by a list, which does not tell when something was deleted. */
  readonly isVague: boolean;
}

/** Audits the changes of one store. */
export class VersionAudit {
  readonly #ledger: Ledger;
  readonly #watch: Watch;
  readonly #model: VersionModel;
  /** Versions that the store's mailbox has left out so far. */
  readonly #coalesced: () => number;
  readonly #claims: (Claim | Listed)[] = [];
  readonly #told = new Map<string, Told>();
  #skipped = 0;

  constructor(ledger: Ledger, watch: Watch, model: VersionModel, coalesced: () => number) {
    this.#ledger = ledger;
    this.#watch = watch;
    this.#model = model;
    this.#coalesced = coalesced;
  }

  /** Changes that wait for the writers. */
  get waiting(): number {
    return this.#claims.length;
  }

  enter(
    change: AnyChange<KubernetesObject>,
    before: Held | undefined,
    after: Held | undefined,
    now: number,
  ): void {
    const { namespace, name, uid = '', resourceVersion = '' } = change.ref;
    const place = { namespace, name };
    if (!isOurs(place)) return;
    this.#claims.push({
      type: change.type,
      isWatched: change.cause === 'watch',
      place,
      uid,
      // A deletion says when it was; what left a selection has gone at the version that left.
      resourceVersion: (change as { readonly resourceVersion?: string }).resourceVersion ?? resourceVersion,
      content: (after ?? before)?.content,
      madeAt: now,
    });
    this.settle(now);
  }

  /** A list takes the place of what is held; its changes come after this. */
  listed(held: ReadonlyMap<string, Held>, now: number): void {
    this.#claims.push({ held: new Set(held.keys()) });
    this.settle(now);
  }

  /** Looks at the claims in order, as far as the writers know about them. */
  settle(now: number): void {
    for (let claim = this.#claims[0]; claim !== undefined; claim = this.#claims[0]) {
      if ('held' in claim) this.#startAnew(claim);
      else {
        const version = this.#versionOf(claim);
        if (version === undefined) {
          const { madeAt } = claim;
          const why = `${textOf(claim)} has never existed`;
          this.#says('versions existed', now - madeAt < PATIENCE, () => why);
          return;
        }
        this.#judge(claim, version);
      }
      this.#claims.shift();
    }
  }

  /** Of places where nothing was held, a list does not tell what was there meanwhile. */
  #startAnew({ held }: Listed): void {
    for (const [identity, told] of this.#told)
      if (!held.has(identity)) this.#told.set(identity, { ...told, isVague: true });
  }

  #versionOf({ type, isWatched, place, uid, resourceVersion }: Claim): Version | undefined {
    const { resource, visibility } = this.#watch;
    if (type !== 'deleted') return this.#model.find(resource, place, resourceVersion);
    if (visibility === 'selected') {
      const left = this.#model.find(resource, place, resourceVersion);
      if (left !== undefined && !left.selected) return left;
      // A list does not say how something left.
      if (!isWatched) return this.#model.deletionOf(resource, place, uid) ?? left ?? NOWHERE;
    }
    return this.#model.deletionOf(resource, place, uid);
  }

  #judge(claim: Claim, version: Version): void {
    if (version === NOWHERE) {
      this.#forgetOrder(claim);
      return;
    }
    this.#judgeContents(claim, version);
    const identity = identityOf(claim.place);
    const before = this.#told.get(identity);
    if (before !== undefined) {
      const rises = version.number > before.number || (claim.type === 'deleted' && before.isVague);
      this.#says(
        'versions rise',
        rises,
        () => `${textOf(claim)} is number ${version.number}, number ${before.number} was told before`,
      );
      if (claim.isWatched && !before.isVague) this.#countSkipped(claim, before.number, version.number);
    }
    const isVague = claim.type === 'deleted' && !claim.isWatched;
    this.#told.set(identity, { number: Math.max(version.number, before?.number ?? 0), isVague });
  }

  #judgeContents(claim: Claim, version: Version): void {
    if (claim.type === 'deleted') return;
    const { visibility } = this.#watch;
    const same =
      version.uid === claim.uid && (claim.content === undefined || claim.content === version.content);
    this.#says('versions existed', same, () => `${textOf(claim)} is not what was written`);
    const belongs = visibility === 'all' || version.selected;
    this.#says('versions existed', belongs, () => `${textOf(claim)} is outside of the selector`);
  }

  /** It left the selection by a list, nobody knows at which version. */
  #forgetOrder({ place }: Claim): void {
    const identity = identityOf(place);
    const before = this.#told.get(identity);
    if (before !== undefined) this.#told.set(identity, { ...before, isVague: true });
  }

  #countSkipped(claim: Claim, from: number, to: number): void {
    const { resource, visibility } = this.#watch;
    this.#skipped += this.#model.between(resource, claim.place, from, to, visibility);
    const coalesced = this.#coalesced();
    this.#says(
      'no version lost',
      this.#skipped <= coalesced,
      () =>
        `${textOf(claim)} is number ${to}, number ${from} was told before: ${this.#skipped} versions were not told, ${coalesced} of them coalesced`,
    );
  }

  #says(
    invariant: 'versions existed' | 'versions rise' | 'no version lost',
    holds: boolean,
    why: () => string,
  ): void {
    this.#ledger.check(invariant, holds, () => `${this.#watch.name}: ${why()}`);
  }
}

/** Stands for a version of which nothing is known but that it is gone. */
const NOWHERE: Version = Object.freeze({
  number: -1,
  uid: '',
  resourceVersion: undefined,
  content: '',
  selected: false,
  gone: true,
});

function textOf({ type, place, resourceVersion, isWatched }: Claim): string {
  return `${type} ${identityOf(place)}@${resourceVersion} (${isWatched ? 'watch' : 'list'})`;
}
