/** Owns the recording of a log: takes records at once, and writes them behind the caller's back. */
import type { EventLogError } from '@firn/core';
import { HotStream } from '@firn/stores/engine';
import type { Observable } from 'rxjs';
import { ValueStream } from '../watcher/value-stream.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { CommitSchedule } from './commit-schedule.ts';
import { doneWithin } from './deadline.ts';
import type { EventBytes } from './event-bytes.ts';
import { diskFailure } from './event-log-failure.ts';
import type { EventLogState } from './event-log-state.ts';
import type { FolderLock } from './folder-lock.ts';
import { GroupCommit } from './group-commit.ts';
import { type LogEvent, WHOLE_LOG } from './log-event.ts';
import type { LoggedResource } from './log-header.ts';
import { OpenLists } from './open-lists.ts';
import { checkpointFailed, endMark, tooSlow, unwritable } from './recording-failure.ts';
import { RunBeginning } from './run-beginning.ts';
import type { SegmentKeeper } from './segment-keeper.ts';
import type { WriterSettings } from './writer-options.ts';
import type { WriterParts } from './writer-parts.ts';

/** Bytes in the queue above which `room` waits: the rest is for what happens. */
const ROOM_BYTES = 4 * 1024 * 1024;

/** How long `close` waits for a disk that does not answer, in milliseconds. */
const CLOSE_MS = 10_000;

/**
 * Writes a log. Nothing here throws or waits: if the disk fails, is full or too slow, recording stops, `errors$` and
 * `state$` say so, the log ends with a mark where the disk lets it, and whoever appends goes on unharmed.
 */
export class EventLogWriter implements AsyncDisposable {
  /** What went wrong; replays nothing. */
  readonly errors$: Observable<EventLogError>;
  /** The state now, and after each group that was written. */
  readonly state$: Observable<EventLogState>;
  /** What an earlier process had not finished when it died, and was cut off at opening. */
  readonly tornTail: EventLogError | undefined;
  readonly #settings: WriterSettings;
  readonly #group: GroupCommit;
  readonly #keeper: SegmentKeeper;
  readonly #lock: FolderLock;
  readonly #schedule: CommitSchedule;
  readonly #checkpoints: CheckpointKeeper;
  readonly #lists: OpenLists = new OpenLists();
  readonly #beginning: RunBeginning;
  readonly #firstSegment: number;
  readonly #errors: HotStream<EventLogError> = new HotStream();
  readonly #states: ValueStream<EventLogState> = new ValueStream(() => this.state);
  #isRollAsked = false;
  #phase: EventLogState['phase'] = 'recording';
  #lastError: EventLogError | undefined;
  #room: PromiseWithResolvers<void> = Promise.withResolvers();
  #ending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor({ settings, chain, lock, createKeeper, tornTail }: WriterParts) {
    this.tornTail = tornTail;
    this.#settings = settings;
    this.#group = new GroupCommit(chain, settings.clock);
    this.#lock = lock;
    this.errors$ = this.#errors.observable;
    this.state$ = this.#states.observable;
    this.#keeper = createKeeper((error) => this.#report(error));
    this.#schedule = new CommitSchedule({
      clock: settings.clock,
      policy: settings.fsync,
      intervalMs: settings.intervalMs,
      commit: (sync) => this.#commit(sync),
    });
    this.#checkpoints = new CheckpointKeeper({
      source: settings.checkpoint,
      target: {
        append: ({ resource, event }) => this.#add(resource, event),
        room: () => this.room(),
      },
      completed: (segment) => this.#completeCheckpoint(segment),
      failed: (cause) => this.#stop(checkpointFailed(cause)),
    });
    this.#firstSegment = chain.current.number;
    const hasResources = Object.keys(settings.resources).length > 0;
    this.#beginning = new RunBeginning(hasResources, () => this.#letOlderGo(this.#firstSegment));
    this.append(WHOLE_LOG, { type: 'RUN', part: 'start', run: settings.run });
    this.#checkpoints.begin(chain.current.number);
  }

  get state(): EventLogState {
    return {
      phase: this.#phase,
      run: this.#settings.run,
      segment: this.#group.chain.current.number,
      segmentBytes: this.#group.chain.current.bytes,
      queuedBytes: this.#group.queue.bytes,
      appended: this.#group.appended,
      written: this.#group.written,
      durable: this.#group.waiters.reached,
      ...(this.#lastError && { lastError: this.#lastError }),
    };
  }

  /**
   * Records one event. Bytes are copied before it returns. Gives the record's sequence number, or undefined if nothing
   * is recorded any more.
   *
   * An event must be appended in one turn with its application to the state that `checkpoint` gives: the log begins
   * new segments between turns. It begins none while a list is open (REPLACED `begin`, given as an object, until `end`
   * or `discarded`).
   */
  append(resource: string, event: LogEvent | EventBytes): number | undefined {
    return this.#add(resource, event) === undefined ? undefined : this.#group.appended;
  }

  /** Records events that arrived together; as `append` does, with the last one's number. */
  appendBatch(resource: string, events: readonly (LogEvent | EventBytes)[]): number | undefined {
    if (events.length > 1) this.#add(resource, { type: 'BATCH', size: events.length });
    let last: number | undefined;
    for (const event of events) last = this.append(resource, event);
    return last;
  }

  /** A resource joins the recording: a record says what it is, and so do the headers of later segments. */
  describe(resource: string, description: LoggedResource, redacted: readonly string[]): void {
    this.#settings.resources[resource] = description;
    if (redacted.length > 0) this.#settings.redacted[resource] = redacted;
    this.append(resource, { type: 'RESOURCE', description, redacted });
  }

  /**
   * Writes and syncs now, whatever the policy: resolves when everything appended so far is on the disk.
   *
   * @throws {EventLogError} why it never will be.
   */
  async flush(): Promise<void> {
    const { appended, waiters } = this.#group;
    if (appended > waiters.reached && this.#ending === undefined) this.#schedule.soon(true);
    await waiters.wait(appended);
  }

  /**
   * Resolves when little waits for the disk, or nothing is recorded any more: for whoever appends much at a time, such as
   * a list in slices. Nothing that holds up a watch may wait for it.
   */
  async room(): Promise<void> {
    const most = Math.min(ROOM_BYTES, this.#settings.maxQueueBytes / 2);
    while (this.#group.queue.bytes > most && this.#phase === 'recording') {
      this.#schedule.soon(false);
      await this.#room.promise;
    }
  }

  /** Writes what is queued, ends the run in good order, and gives the folder free. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(resource: string, event: LogEvent | EventBytes): number | undefined {
    if (this.#phase !== 'recording') return undefined;
    const { queue } = this.#group;
    const bytes = queue.append(resource, event);
    const isTooMuch = queue.bytes > this.#settings.maxQueueBytes;
    if (bytes === undefined || isTooMuch) {
      this.#stop(bytes === undefined ? unwritable(resource) : this.#tooSlow());
      return undefined;
    }
    this.#lists.saw(resource, event);
    this.#beginning.saw(resource, event);
    // The next warm start is to find what was restored in a checkpoint.
    if ('type' in event && event.type === 'RESTORED') this.#isRollAsked = true;
    this.#schedule.appended(queue.bytes);
    return bytes;
  }

  async #commit(sync: boolean): Promise<void> {
    const group = this.#group;
    if (group.failed) return;
    try {
      await group.write(sync);
      if (this.#isRollDue()) this.#keeper.closed(await group.roll((segment) => this.#beginSegment(segment)));
    } catch (cause) {
      const error = diskFailure(cause, group.chain.current.path);
      this.#fail(error);
      await group.fail(error, endMark(error));
    }
    this.#room.resolve();
    this.#room = Promise.withResolvers();
    this.#states.changed();
  }

  #isRollDue(): boolean {
    if (this.#phase !== 'recording' || this.#checkpoints.isWriting || this.#lists.areOpen) return false;
    const { segmentBytes } = this.#settings;
    return (
      this.#isRollAsked ||
      this.#group.chain.current.bytes >= Math.max(segmentBytes, 4 * this.#checkpoints.lastBytes)
    );
  }

  #beginSegment(segment: number): void {
    this.#isRollAsked = false;
    this.#checkpoints.begin(segment);
  }

  #completeCheckpoint(segment: number): void {
    this.append(WHOLE_LOG, { type: 'CHECKPOINT', part: 'complete' });
    if (segment === this.#firstSegment) this.#beginning.checkpointed();
    else this.#letOlderGo(segment);
  }

  #letOlderGo(segment: number): void {
    // Until it is on the disk, the segments before are what a warm start needs.
    this.flush().then(
      () => this.#keeper.checkpointed(segment),
      () => undefined,
    );
  }

  /** Stops recording, with what is queued and a mark behind it still to be written. */
  #stop(error: EventLogError): void {
    if (this.#phase !== 'recording') return;
    this.#group.queue.append(WHOLE_LOG, endMark(error));
    this.#fail(error);
  }

  #fail(error: EventLogError): void {
    if (this.#phase === 'recording') this.#phase = 'stopped';
    this.#lastError ??= error;
    this.#checkpoints.abandon();
    this.#room.resolve();
    this.#report(error);
    this.#states.changed();
    void this.#end();
  }

  async #close(): Promise<void> {
    if (this.#phase === 'recording') {
      this.append(WHOLE_LOG, { type: 'RUN', part: 'end', run: this.#settings.run });
      this.#phase = 'closed';
      this.#checkpoints.abandon();
      this.#room.resolve();
    }
    // A disk that hangs must not keep a process from its end.
    if (!(await doneWithin(this.#settings.clock, CLOSE_MS, this.#end()))) this.#report(this.#tooSlow());
    this.#phase = 'closed';
    this.#states.changed();
    this.#states.complete();
    this.#errors.complete();
  }

  #end(): Promise<void> {
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  async #finish(): Promise<void> {
    const { chain } = this.#group;
    await this.#schedule.end();
    await this.#tried(chain.close(), chain.current.path);
    await this.#keeper.end();
    await this.#tried(this.#lock.release(), this.#settings.folder);
  }

  async #tried(work: Promise<void>, file: string): Promise<void> {
    await work.catch((error: unknown) => this.#report(diskFailure(error, file)));
  }

  #tooSlow(): EventLogError {
    return tooSlow(this.#group.chain.current.path, this.#group.queue.bytes);
  }

  #report(error: EventLogError): void {
    this.#errors.next(error);
  }
}
