/** Owns the reading of a log into states: record by record, batch by batch, from its beginning or from a checkpoint. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogEvent, LoggedCheckpoint, LoggedRestore } from '../event-log/log-event.ts';
import type { LoggedResource, LogHeader } from '../event-log/log-header.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { outOfPlace } from './out-of-place.ts';
import { type Known, PlayedTracks, type Track } from './played-tracks.ts';
import type { Applied } from './replayed-resource.ts';
import { TurnGatherer } from './turn.ts';

type State = Snapshot<KubernetesObject>;

/** One turn of the recorded run: what was applied to a resource together. */
export interface PlayedTurn {
  readonly resource: string;
  /** The last of its records. */
  readonly record: LogRecord;
  readonly snapshot: State;
  /** False in the middle of a batch. */
  readonly isComplete: boolean;
}

/** A checkpoint that was met, and the state that it should have. */
export interface MetCheckpoint {
  readonly resource: string;
  readonly record: LogRecord;
  readonly expected: { readonly modCount: number; readonly digest: string | undefined };
  readonly snapshot: State;
}

/** Who follows a player. */
export interface PlayObserver {
  /** After each event of a batch, also in its middle, where no snapshot was ever published; true ends the playing. */
  readonly step?: (turn: PlayedTurn) => boolean | undefined;
  readonly turn?: (turn: PlayedTurn) => void;
  readonly checkpoint?: (met: MetCheckpoint) => void | Promise<void>;
  readonly run?: (run: string) => void;
}

/** A state that is known already, in the segment that is played first: only what comes later is played. */
export interface Resume extends Known {
  readonly resource: string;
  /** The last record that it contains. */
  readonly sequence: number;
}

/** What is played. */
export interface PlayScope {
  readonly resume?: Resume | undefined;
  /** Whose states are made, and the empty states to begin with; all, as they were recorded, when left out. */
  readonly wanted?: ReadonlyMap<string, State | undefined>;
  /** The last segment; the last one of the log when left out. */
  readonly to?: number | undefined;
}

/** Plays records in their order; never two batches as one, nor one as two. */
export class LogPlayer {
  readonly #reader: EventLogReader;
  readonly #observer: PlayObserver;
  readonly #scope: PlayScope;
  readonly #tracks: PlayedTracks;
  readonly #gatherer: TurnGatherer = new TurnGatherer();
  #isOver = false;
  #header: LogHeader | undefined;
  #run: string | undefined;
  #last: LogRecord | undefined;

  constructor(reader: EventLogReader, observer: PlayObserver = {}, scope: PlayScope = {}) {
    this.#reader = reader;
    this.#observer = observer;
    this.#scope = scope;
    this.#tracks = new PlayedTracks(scope.wanted);
  }

  /** The state of a resource where the player stands; undefined if the log has not named it yet. */
  snapshot(resource: string): State | undefined {
    return this.#tracks.get(resource)?.resource.snapshot;
  }

  /** The state that a resource was last known to have, by this run or one before, and what was recorded of it then. */
  lastKnown(resource: string): Known | undefined {
    return this.#tracks.lastKnown(resource);
  }

  /** The state of a resource at the beginning of the segment that was played last. */
  startOf(resource: string): State | undefined {
    return this.#tracks.get(resource)?.met;
  }

  /** Whether its state is not known yet: the checkpoint that it should come from has no end, or has not come to it. */
  isUnknown(resource: string): boolean {
    const track = this.#tracks.get(resource);
    return track?.waiting !== undefined || track?.isLost === true;
  }

  /** Whether a list of it has begun that has not ended: its state alone does not say how it goes on. */
  isListing(resource: string): boolean {
    return this.#tracks.get(resource)?.resource.isListing === true;
  }

  /** What is recorded of it. */
  description(resource: string): LoggedResource | undefined {
    return this.#tracks.get(resource)?.resource.description;
  }

  /** The segment that is being played. */
  get segment(): number {
    return this.#header?.segment ?? 0;
  }

  /** The run that is being played. */
  get run(): string | undefined {
    return this.#header?.run;
  }

  /** The record that was played last. */
  get last(): LogRecord | undefined {
    return this.#last;
  }

  /**
   * Plays until a record says so, or to the end. From a later segment on, states are those of its checkpoint.
   *
   * @param until - asked before each batch: true ends before it.
   * @throws {EventLogError} what is wrong with the log, when everything before it has been played.
   */
  async play(from: number | undefined, until: (record: LogRecord) => boolean = () => false): Promise<void> {
    const begin = from ?? this.#reader.segments[0]?.number ?? 1;
    const { to = Number.POSITIVE_INFINITY } = this.#scope;
    let next: number | undefined;
    for (const { number } of this.#reader.segments) {
      if (number < begin || number > to) continue;
      this.#header = await this.#reader.header(number);
      this.#run ??= this.#header?.run;
      this.#tracks.beginSegment(this.#header?.resources ?? {}, number === begin);
      const { resume } = this.#scope;
      if (resume !== undefined && number === begin) this.#tracks.resume(resume.resource, resume);
      // What is missing between two segments is missing in no segment.
      for await (const records of this.#reader.records({ from: number, to: number, first: next })) {
        if (await this.#playSome(records, until)) return;
        next = (records.at(-1)?.sequence ?? 0) + 1;
      }
      next ??= this.#header?.first;
    }
  }

  /** True when it is over. */
  async #playSome(records: readonly LogRecord[], until: (record: LogRecord) => boolean): Promise<boolean> {
    const played = this.#scope.resume?.sequence ?? 0;
    for (const record of records) {
      if (record.sequence <= played) continue;
      if (!this.#gatherer.isOpen && until(record)) return true;
      const met = this.#take(record);
      this.#last = record;
      if (this.#isOver) return true;
      if (met !== undefined) await this.#observer.checkpoint?.(met);
    }
    return false;
  }

  #take(record: LogRecord): MetCheckpoint | undefined {
    const { type, resource } = record;
    if (type === 'STATE' || type === 'ERROR' || type === 'TIMER' || type === 'FETCH' || type === 'END')
      return undefined;
    if (resource !== '' && !this.#tracks.isWanted(resource)) return undefined;
    const event = this.#tracks.get(resource)?.resource.decoder?.decode(record) ?? record.parse();
    switch (event.type) {
      case 'RESOURCE':
        this.#tracks.join(resource, event.description);
        break;
      case 'RUN':
        this.#gatherer.reset();
        if (event.part === 'start') this.#beginRun(event.run);
        break;
      case 'RESTORED':
        this.#restore(record, event);
        break;
      case 'CHECKPOINT':
        if (event.part !== 'complete') return this.#checkpoint(record, event);
        for (const name of this.#tracks.names) this.#completed(this.#track(record, name));
        break;
      default:
        this.#gather(record, event);
    }
    return undefined;
  }

  /** A new process began with empty stores, whatever the one before had. */
  #beginRun(run: string): void {
    if (this.#run !== undefined && run !== this.#run) this.#tracks.beginRun(this.#header?.resources ?? {});
    this.#run = run;
    this.#observer.run?.(run);
  }

  #restore(record: LogRecord, { modCount, resourceVersion }: LoggedRestore): void {
    const track = this.#track(record);
    const known = this.#tracks.lastKnown(record.resource)?.snapshot;
    if (known === undefined) {
      track.isLost = true;
      return;
    }
    if (known.modCount !== modCount || known.resourceVersion !== resourceVersion)
      throw outOfPlace(
        record,
        `the state before it is that of modCount ${known.modCount} and not of ${modCount}`,
      );
    track.resource.adopt(known);
    track.waiting = undefined;
    const { step } = this.#observer;
    if (step?.({ resource: record.resource, record, snapshot: known, isComplete: true }) === true)
      this.#isOver = true;
  }

  #gather(record: LogRecord, event: LogEvent): void {
    const turn = this.#gatherer.take(record, event);
    if (turn !== undefined) this.#apply(record, turn.events as readonly Applied[]);
  }

  #apply(record: LogRecord, events: readonly Applied[]): void {
    const track = this.#track(record);
    if (track.isLost) return;
    if (track.waiting !== undefined) {
      track.waiting.push({ events, record });
      return;
    }
    const { step } = this.#observer;
    const played = (isComplete: boolean): PlayedTurn => ({
      isComplete,
      resource: record.resource,
      record,
      get snapshot() {
        return track.resource.snapshot;
      },
    });
    if (step === undefined) track.resource.apply(events);
    else {
      for (const [i, event] of events.entries()) {
        track.resource.apply([event]);
        this.#isOver ||= step(played(i === events.length - 1)) === true;
      }
    }
    this.#observer.turn?.(played(true));
  }

  #checkpoint(
    record: LogRecord,
    part: Exclude<LoggedCheckpoint, { part: 'complete' }>,
  ): MetCheckpoint | undefined {
    const track = this.#track(record);
    if (track.waiting !== undefined) {
      if (!track.resource.restore(part)) return undefined;
      this.#goOn(track);
    }
    if (part.part !== 'end' || track.met === undefined) return undefined;
    const { modCount, digest } = part;
    return { resource: record.resource, record, expected: { modCount, digest }, snapshot: track.met };
  }

  /** The checkpoint is complete: what it does not speak of was empty. */
  #completed(track: Track): void {
    if (track.waiting !== undefined && !track.resource.isRestoring) this.#goOn(track);
  }

  #goOn(track: Track): void {
    const { waiting } = track;
    track.waiting = undefined;
    track.met = track.resource.snapshot;
    for (const { events, record } of waiting ?? []) this.#apply(record, events);
  }

  #track(record: LogRecord, name: string = record.resource): Track {
    const track = this.#tracks.get(name);
    if (track === undefined) throw outOfPlace(record, `nothing says what ${name} is`);
    return track;
  }
}
