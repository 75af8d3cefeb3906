/** Owns the reading of a log into states: record by record, batch by batch, from its beginning or from a checkpoint. */
import { EventLogError, type KubernetesObject, type Snapshot } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LoggedCheckpoint } from '../event-log/log-event.ts';
import type { LoggedResource, LogHeader } from '../event-log/log-header.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { type Applied, ReplayedResource } from './replayed-resource.ts';

/** One turn of the recorded run: what was applied to a resource together. */
export interface PlayedTurn {
  readonly resource: string;
  /** The last of its records. */
  readonly record: LogRecord;
  readonly snapshot: Snapshot<KubernetesObject>;
}

/** A checkpoint that was met, and the state that it should have. */
export interface MetCheckpoint {
  readonly resource: string;
  readonly record: LogRecord;
  readonly expected: { readonly modCount: number; readonly digest: string | undefined };
  readonly snapshot: Snapshot<KubernetesObject>;
}

/** Who follows a player. */
export interface PlayObserver {
  /** After each event of a batch, also in its middle, where no snapshot was ever published; true ends the playing. */
  readonly step?: (turn: PlayedTurn) => boolean | undefined;
  readonly turn?: (turn: PlayedTurn) => void;
  readonly checkpoint?: (met: MetCheckpoint) => void | Promise<void>;
  readonly run?: (run: string) => void;
}

interface Track {
  readonly resource: ReplayedResource;
  /** Set while its state is still being read from a checkpoint: what came meanwhile waits. */
  waiting: { readonly events: readonly Applied[]; readonly record: LogRecord }[] | undefined;
  /** The state when a checkpoint began that is met on the way. */
  met: Snapshot<KubernetesObject> | undefined;
}

/** Plays records in their order; never two batches as one, nor one as two. */
export class LogPlayer {
  readonly #reader: EventLogReader;
  readonly #observer: PlayObserver;
  readonly #tracks = new Map<string, Track>();
  /** A batch whose records are still coming. */
  #batch: { readonly resource: string; readonly events: Applied[]; missing: number } | undefined;
  #isOver = false;
  #header: LogHeader | undefined;
  #run: string | undefined;

  constructor(reader: EventLogReader, observer: PlayObserver = {}) {
    this.#reader = reader;
    this.#observer = observer;
  }

  /** The state of a resource where the player stands; undefined if the log has not named it yet. */
  snapshot(resource: string): Snapshot<KubernetesObject> | undefined {
    return this.#tracks.get(resource)?.resource.snapshot;
  }

  /** The state of a resource at the beginning of the segment that was played last. */
  startOf(resource: string): Snapshot<KubernetesObject> | undefined {
    return this.#tracks.get(resource)?.met;
  }

  /** Whether its state is not known yet: the checkpoint that it should come from has no end, or has not come to it. */
  isUnknown(resource: string): boolean {
    return this.#tracks.get(resource)?.waiting !== undefined;
  }

  /** The run that is being played. */
  get run(): string | undefined {
    return this.#header?.run;
  }

  /**
   * Plays until a record says so, or to the end. From a later segment on, states are those of its checkpoint.
   *
   * @param until - asked before each batch: true ends before it.
   * @throws {EventLogError} what is wrong with the log, when everything before it has been played.
   */
  async play(from: number | undefined, until: (record: LogRecord) => boolean = () => false): Promise<void> {
    const first = this.#reader.segments[0]?.number;
    const begin = from ?? first ?? 1;
    for (const { number } of this.#reader.segments) {
      if (number < begin) continue;
      this.#begin(await this.#reader.header(number), number === begin);
      for await (const records of this.#reader.records({ from: number, to: number })) {
        if (await this.#playSome(records, until)) return;
      }
    }
  }

  /** True when it is over. */
  async #playSome(records: readonly LogRecord[], until: (record: LogRecord) => boolean): Promise<boolean> {
    for (const record of records) {
      if (this.#batch === undefined && until(record)) return true;
      const met = this.#take(record);
      if (this.#isOver) return true;
      if (met !== undefined) await this.#observer.checkpoint?.(met);
    }
    return false;
  }

  #begin(header: LogHeader | undefined, isFirst: boolean): void {
    this.#header = header;
    this.#joinAll();
    for (const track of this.#tracks.values()) {
      track.met = track.resource.snapshot;
      // Earlier segments may have been dropped: what came before is in the checkpoint, or there was nothing.
      if (isFirst) track.waiting = [];
    }
  }

  #joinAll(): void {
    for (const [name, description] of Object.entries(this.#header?.resources ?? {})) {
      if (!this.#tracks.has(name)) this.#join(name, description);
    }
  }

  #join(name: string, description: LoggedResource): void {
    this.#tracks.set(name, {
      resource: new ReplayedResource(description),
      waiting: undefined,
      met: undefined,
    });
  }

  #take(record: LogRecord): MetCheckpoint | undefined {
    const { type } = record;
    if (type === 'STATE' || type === 'ERROR' || type === 'TIMER' || type === 'FETCH' || type === 'END')
      return undefined;
    const event = record.parse();
    switch (event.type) {
      case 'RESOURCE':
        this.#join(record.resource, event.description);
        break;
      case 'RUN':
        this.#batch = undefined;
        if (event.part === 'start') this.#beginRun(event.run);
        break;
      case 'BATCH':
        this.#batch = { resource: record.resource, events: [], missing: event.size };
        break;
      case 'CHECKPOINT':
        if (event.part === 'complete') this.#withoutCheckpoint();
        else return this.#checkpoint(record, event);
        break;
      default:
        this.#gather(record, event as Applied);
    }
    return undefined;
  }

  /** A new process began with empty stores, whatever the one before had. */
  #beginRun(run: string): void {
    if (this.#run !== undefined && run !== this.#run) {
      this.#tracks.clear();
      this.#joinAll();
      for (const track of this.#tracks.values()) track.waiting = [];
    }
    this.#run = run;
    this.#observer.run?.(run);
  }

  #gather(record: LogRecord, event: Applied): void {
    const batch = this.#batch;
    if (batch === undefined) {
      this.#apply(record, [event]);
      return;
    }
    if (batch.resource !== record.resource)
      throw outOfPlace(record, `a batch of ${batch.resource} is not complete`);
    batch.events.push(event);
    batch.missing--;
    if (batch.missing > 0) return;
    this.#batch = undefined;
    this.#apply(record, batch.events);
  }

  #apply(record: LogRecord, events: readonly Applied[]): void {
    const track = this.#track(record);
    if (track.waiting !== undefined) {
      track.waiting.push({ events, record });
      return;
    }
    const { step } = this.#observer;
    const played = (): PlayedTurn => ({
      resource: record.resource,
      record,
      snapshot: track.resource.snapshot,
    });
    if (step === undefined) track.resource.apply(events);
    else {
      for (const event of events) {
        track.resource.apply([event]);
        this.#isOver ||= step(played()) === true;
      }
    }
    this.#observer.turn?.(played());
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
  #withoutCheckpoint(): void {
    for (const track of this.#tracks.values()) {
      if (!track.resource.isRestoring) this.#goOn(track);
    }
  }

  #goOn(track: Track): void {
    const { waiting } = track;
    track.waiting = undefined;
    track.met = track.resource.snapshot;
    for (const { events, record } of waiting ?? []) this.#apply(record, events);
  }

  #track(record: LogRecord): Track {
    const track = this.#tracks.get(record.resource);
    if (track === undefined) throw outOfPlace(record, `nothing says what ${record.resource} is`);
    return track;
  }
}

function outOfPlace({ file, offset, type }: LogRecord, why: string): EventLogError {
  return new EventLogError(
    `The ${type} at byte ${offset} of ${file} is out of place: ${why}. The log was written by something else, or put together from several.`,
    { code: 'RECORD_OUT_OF_PLACE', file, offset },
  );
}
