/** Owns what waits between a socket and a store: bounded, because the latest state of an object says it all. */
import {
  compareResourceVersions,
  type KubernetesObject,
  type ResourceEvent,
  type ResourceWritten,
} from '@firn/core';
import { Entry, identityOf, type StagedList } from '@firn/core/engine';

/** Events that arrived together. */
export interface EventLetter {
  readonly kind: 'events';
  readonly events: readonly ResourceEvent<KubernetesObject>[];
  readonly bytes: number;
  /** Monotonic milliseconds. */
  readonly arrivedAt: number;
}

/** A complete list, ready to be swapped in. */
export interface ListLetter {
  readonly kind: 'list';
  readonly list: StagedList<KubernetesObject>;
  readonly resourceVersion: string;
  readonly arrivedAt: number;
}

/** What an actor works off, one at a time. */
export type Letter = EventLetter | ListLetter;

/** How much may wait before versions of the same object are coalesced. */
export interface MailboxLimits {
  readonly events: number;
  readonly bytes: number;
}

/** What `state$` says of a mailbox. */
export interface MailboxState {
  /** Events waiting. */
  readonly length: number;
  /** Bytes they took on the wire. */
  readonly bytes: number;
  /** How long the oldest has waited, milliseconds. */
  readonly oldestAgeMs: number;
  /** Versions that never became states since the start. */
  readonly coalesced: number;
}

const DEFAULT_LIMITS: MailboxLimits = { events: 10_000, bytes: 64 * 1024 * 1024 };
/** The most events of a batch that is made of several. */
const PIECE = 50;
const WATCHED = { operation: 'apply', owned: true } as const;

/**
 * A queue that never makes the sender wait and never grows without bound: beyond its limits only the latest state
 * of each object is kept, with a deletion before it if there was one (rule 18).
 */
export class Mailbox {
  readonly #limits: MailboxLimits;
  readonly #dropped: (list: StagedList<KubernetesObject>) => void;
  #letters: Letter[] = [];
  #length = 0;
  #bytes = 0;
  #coalesced = 0;
  /** Length at which coalescing is tried next: what cannot shrink is not looked at again for every event. */
  #lengthToShrink: number;
  #bytesToShrink: number;

  /** @param dropped hears of lists that will not be delivered. */
  constructor(
    limits: MailboxLimits = DEFAULT_LIMITS,
    dropped: (list: StagedList<KubernetesObject>) => void = () => undefined,
  ) {
    this.#limits = limits;
    this.#dropped = dropped;
    this.#lengthToShrink = limits.events;
    this.#bytesToShrink = limits.bytes;
  }

  get isEmpty(): boolean {
    return this.#letters.length === 0;
  }

  state(now: number): MailboxState {
    const oldest = this.#letters[0];
    return {
      length: this.#length,
      bytes: this.#bytes,
      oldestAgeMs: oldest === undefined ? 0 : Math.max(0, now - oldest.arrivedAt),
      coalesced: this.#coalesced,
    };
  }

  post(letter: Letter): void {
    if (letter.kind === 'list') this.#supersede();
    this.#letters.push(letter);
    this.#count(letter, 1);
    if (this.#length > this.#lengthToShrink || this.#bytes > this.#bytesToShrink) this.#coalesce();
  }

  take(): Letter | undefined {
    const letter = this.#letters.shift();
    if (letter !== undefined) this.#count(letter, -1);
    return letter;
  }

  clear(): void {
    for (const letter of this.#letters) {
      if (letter.kind === 'events') letter.events.forEach(letGo);
      else this.#dropped(letter.list);
    }
    this.#empty();
  }

  #empty(): void {
    this.#letters = [];
    this.#length = 0;
    this.#bytes = 0;
  }

  #count(letter: Letter, sign: 1 | -1): void {
    if (letter.kind !== 'events') return;
    this.#length += sign * letter.events.length;
    this.#bytes += sign * letter.bytes;
  }

  /** A list makes what waits before it history. */
  #supersede(): void {
    this.#coalesced += this.#length;
    this.clear();
  }

  #coalesce(): void {
    const letters: Letter[] = [];
    let waiting: EventLetter[] = [];
    const flush = (): void => {
      if (waiting.length > 0) letters.push(...coalesced(waiting));
      waiting = [];
    };
    for (const letter of this.#letters) {
      if (letter.kind === 'events') waiting.push(letter);
      else {
        flush();
        letters.push(letter);
      }
    }
    flush();
    const before = this.#length;
    this.#empty();
    this.#letters = letters;
    for (const letter of letters) this.#count(letter, 1);
    this.#coalesced += before - this.#length;
    this.#lengthToShrink = Math.max(this.#limits.events, 2 * this.#length);
    this.#bytesToShrink = Math.max(this.#limits.bytes, 2 * this.#bytes);
  }
}

/** An event that never becomes a state needs the bytes of its resource no more. */
function letGo(event: ResourceEvent<KubernetesObject>): void {
  if ('object' in event && event.object instanceof Entry) event.object.release();
}

/** What is known of objects while events are looked through, the newest first. */
interface Seen {
  /** Events that a store would ignore. */
  readonly late: ReadonlySet<ResourceEvent<KubernetesObject>>;
  readonly written: Set<string>;
  readonly deleted: Set<string>;
}

/** Letters in place of these: the latest state of each object, in the order in which these arrived. */
function coalesced(letters: readonly EventLetter[]): EventLetter[] {
  const kept: ResourceEvent<KubernetesObject>[] = [];
  const seen: Seen = { late: lateAmong(letters), written: new Set(), deleted: new Set() };
  let bookmarked = false;
  let count = 0;
  for (const letter of letters.toReversed()) {
    count += letter.events.length;
    for (const event of letter.events.toReversed()) {
      if (event.type === 'BOOKMARK') {
        if (!bookmarked) kept.push(event);
        bookmarked = true;
      } else if (event.type === 'REPLACED' || event.type === 'CLEARED') {
        kept.push(event);
      } else if (isLatest(event, seen)) kept.push(event);
      else letGo(event);
    }
  }
  const total = letters.reduce((bytes, letter) => bytes + letter.bytes, 0);
  return inPieces(kept.reverse(), count === 0 ? 0 : total / count, letters[0]?.arrivedAt ?? 0);
}

/** A batch reaches subscribers in one go: one of thousands would let nothing else happen for as long as they take. */
function inPieces(
  events: readonly ResourceEvent<KubernetesObject>[],
  bytesEach: number,
  arrivedAt: number,
): EventLetter[] {
  const pieces: EventLetter[] = [];
  for (let at = 0; at < events.length; at += PIECE) {
    const piece = events.slice(at, at + PIECE);
    pieces.push({ kind: 'events', events: piece, bytes: Math.ceil(bytesEach * piece.length), arrivedAt });
  }
  return pieces;
}

/** What a store would ignore, because a later version of the object is among these, and before it (rule 21). */
function lateAmong(letters: readonly EventLetter[]): Set<ResourceEvent<KubernetesObject>> {
  const late = new Set<ResourceEvent<KubernetesObject>>();
  const newest = new Map<string, { readonly version: string; readonly gone: boolean }>();
  for (const { events } of letters) {
    for (const event of events) {
      if (!('object' in event)) continue;
      const { namespace, name, resourceVersion: version = '' } = identityOf(event.object, WATCHED);
      const identity = `${namespace}\0${name}`;
      const gone = event.type === 'DELETED';
      const known = newest.get(identity);
      if (known !== undefined && (gone || !known.gone) && isLate(version, known.version, gone))
        late.add(event);
      else newest.set(identity, { version, gone });
    }
  }
  return late;
}

function isLate(version: string, known: string, gone: boolean): boolean {
  if (!gone && version !== '' && version === known) return true;
  return compareResourceVersions(version, known) === -1;
}

/** Looking back in time: whether this is the last state of its object, or the deletion before that. */
function isLatest(event: ResourceWritten<KubernetesObject>, { late, written, deleted }: Seen): boolean {
  if (late.has(event)) return false;
  const { namespace, name } = identityOf(event.object, WATCHED);
  const identity = `${namespace}\0${name}`;
  if (deleted.has(identity)) return false;
  if (event.type === 'DELETED') {
    deleted.add(identity);
    return true;
  }
  if (written.has(identity)) return false;
  written.add(identity);
  return true;
}
