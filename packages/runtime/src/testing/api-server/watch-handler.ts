/** Owns one watch: what it starts with, which events it sends, how it stays alive and ends. */
import type { Exchange } from './exchange.ts';
import { BodyFrameSink, type Frame, type FrameSink, type FrameType } from './frame-sink.ts';
import { GZIP_HEADERS, GzippedBody } from './gzipped-body.ts';
import { type ReadContext, waitForVersion } from './list-handler.ts';
import { expired, readWatchStart, tooLarge, type WatchStart } from './list-options.ts';
import type { ObjectTable, TableEvent } from './object-table.ts';
import type { Representation } from './representation.ts';
import type { ResourceType } from './resource-type.ts';
import type { Selection } from './selection.ts';
import type { StatusError } from './status-error.ts';
import { atVersion, type StoredObject } from './stored-object.ts';
import type { VersionCounter } from './version-counter.ts';

/** What a watch is about. */
export interface WatchQuery {
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly representation: Representation;
  /** Puts a fault between the watch and the client. */
  readonly wrap: (sink: FrameSink) => FrameSink;
}

/** What a watch needs of the server. */
export interface WatchContext extends ReadContext {
  /** Milliseconds between bookmarks. */
  readonly bookmarkInterval: number;
  /** Bytes that may wait for a slow client. */
  readonly maxPending: number;
  /** Is told of each watch, once it has been sent what there was. */
  readonly followed?: (watch: FollowingWatch) => void;
}

/** A watch that gets events from now on. */
export interface FollowingWatch {
  /** Resolves when its client has taken most of what was sent, or has left. */
  drained(): Promise<void>;
  /** Calls the listener when the watch has ended. */
  onOver(listener: () => void): void;
}

const BOOKMARK_BEFORE_END = 2000;
const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };
const FRAME_END = Buffer.from('}\n');
const FRAME_START: Readonly<Record<TableEvent['type'], Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};

class Watch {
  readonly #context: WatchContext;
  readonly #exchange: Exchange;
  readonly #query: WatchQuery;
  readonly #table: ObjectTable;
  readonly #sink: FrameSink;
  readonly #timers = new Set<unknown>();
  #unsubscribe: () => void = () => undefined;
  #endsAt = Number.POSITIVE_INFINITY;
  // Events that come while the initial objects or the past are being sent.
  #waiting: TableEvent[] | undefined;

  constructor(context: WatchContext, exchange: Exchange, query: WatchQuery) {
    this.#context = context;
    this.#exchange = exchange;
    this.#query = query;
    this.#table = context.store.table(query.type);
    this.#sink = query.wrap(new BodyFrameSink(exchange, context.maxPending));
    exchange.onOver(() => this.#stop());
  }

  async run(start: WatchStart): Promise<void> {
    const versions = this.#versions;
    if (start.timeout > 0) {
      this.#endsAt = this.#context.clock.monotonic() + start.timeout;
      this.#after(start.timeout, () => this.#end());
    }
    if (start.initial) {
      const { version } = start;
      if (
        version > versions.current &&
        !(await waitForVersion(this.#context, this.#exchange, versions, version))
      )
        return this.fail(tooLarge(versions.text(version), versions.text(versions.current)));
      await this.#sendInitial(start);
    } else if (start.version > 0 && start.version < this.#table.oldest) {
      return this.fail(expired('The resourceVersion for the provided watch is too old.'));
    } else if (!this.#exchange.isOver) {
      await this.#sendPast(start.version);
    }
    if (start.bookmarks && start.version <= versions.current) this.#scheduleBookmark();
    this.#context.followed?.({
      drained: () => this.#sink.drained(),
      onOver: (listener) => this.#exchange.onOver(listener),
    });
  }

  // Anew for each question: a past that is played may begin to count anew.
  get #versions(): VersionCounter {
    return this.#context.store.versionsOf(this.#query.type);
  }

  readonly #lost = (): void => this.fail(expired('The state of the server has been replaced.'));

  /** Sends an ERROR event and ends. */
  fail(error: StatusError): void {
    this.#sink.send({
      type: 'ERROR',
      bytes: Buffer.from(`{"type":"ERROR","object":${JSON.stringify(error.status)}}\n`),
    });
    this.#end();
  }

  async #sendInitial(start: WatchStart): Promise<void> {
    if (this.#exchange.isOver) return;
    const version = this.#versions.current;
    const objects = this.#table.objects.clone();
    this.#follow(0);
    for (const stored of objects.values()) {
      if (!this.#query.selection.matches(stored)) continue;
      this.#sink.send({ type: 'ADDED', bytes: this.#encode('ADDED', stored) });
      if (this.#exchange.isOver) return;
      await this.#breathe();
    }
    if (start.initialEnd) this.#sendBookmark(version, INITIAL_END);
    this.#sendWaiting();
  }

  // As fast as the client reads: a past may be longer than what may wait for it.
  async #sendPast(version: number): Promise<void> {
    const events = version > 0 ? this.#table.since(version) : [];
    this.#follow(version);
    for (const event of events) {
      this.#sendEvent(event);
      if (this.#exchange.isOver) return;
      await this.#breathe();
    }
    this.#sendWaiting();
  }

  #follow(version: number): void {
    this.#waiting = [];
    this.#unsubscribe = this.#table.subscribe((event) => {
      // Before the version asked for, nothing happens as far as this client knows.
      if (event.object.version <= version) return;
      if (this.#waiting) this.#waiting.push(event);
      else this.#sendEvent(event);
    }, this.#lost);
  }

  #sendWaiting(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of waiting) this.#sendEvent(event);
  }

  #sent = 0;

  // Waiting after each object would cost more than sending it.
  async #breathe(): Promise<void> {
    this.#sent += 1;
    if (this.#sent % 64 === 0) await this.#sink.drained();
  }

  #sendEvent(event: TableEvent): void {
    const { matches } = this.#query.selection;
    const before = event.previous !== undefined && matches(event.previous);
    const now = event.type !== 'DELETED' && matches(event.object);
    if (now) this.#send(before ? 'MODIFIED' : 'ADDED', event, event.object);
    else if (before && event.previous) {
      const left = event.type === 'DELETED' ? event.object : this.#lastSeen(event.object, event.previous);
      this.#send('DELETED', event, left);
    }
  }

  // What leaves a selection is shown as it was before, at the version at which it left.
  #lastSeen(object: StoredObject, previous: StoredObject): StoredObject {
    const number = object.version;
    return atVersion(previous, { number, text: this.#versions.text(number) });
  }

  #send(type: TableEvent['type'], event: TableEvent, stored: StoredObject): void {
    const { cacheKey } = this.#query.representation;
    const key = `${type} ${cacheKey}`;
    let bytes = cacheKey === '' ? undefined : event.frames.get(key);
    if (!bytes) {
      bytes = this.#encode(type, stored);
      if (cacheKey !== '') event.frames.set(key, bytes);
    }
    const { previous } = event;
    const frame: Frame =
      type === 'MODIFIED' && previous
        ? { type, bytes, outOfDate: () => this.#encode('MODIFIED', previous) }
        : { type, bytes };
    this.#sink.send(frame);
  }

  #encode(type: TableEvent['type'], stored: StoredObject): Buffer {
    return Buffer.concat([FRAME_START[type], ...this.#query.representation.object(stored), FRAME_END]);
  }

  #sendBookmark(version: number, annotations?: Readonly<Record<string, string>>): void {
    const object = this.#query.representation.bookmark(this.#versions.text(version), annotations);
    this.#sink.send({
      type: 'BOOKMARK' satisfies FrameType,
      bytes: Buffer.from(`{"type":"BOOKMARK","object":${object}}\n`),
      initialEnd: annotations !== undefined,
    });
  }

  #scheduleBookmark(): void {
    if (this.#query.type.group === '' && this.#query.type.resource === 'events') return;
    const left = this.#endsAt - this.#context.clock.monotonic() - BOOKMARK_BEFORE_END;
    const interval = this.#context.bookmarkInterval;
    this.#after(left > 0 && left < interval ? left : interval, () => {
      if (!this.#waiting) this.#sendBookmark(this.#versions.current);
      this.#scheduleBookmark();
    });
  }

  #after(milliseconds: number, then: () => void): void {
    const { clock } = this.#context;
    // The client may have left while it was sent the initial objects: a timer would keep the process alive.
    if (this.#exchange.isOver) return;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#exchange.isOver) then();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #end(): void {
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    this.#unsubscribe();
    for (const timer of this.#timers) this.#context.clock.clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Answers a watch; resolves once the initial objects are sent, while the watch goes on. */
export async function handleWatch(
  context: WatchContext,
  exchange: Exchange,
  query: WatchQuery,
): Promise<void> {
  const start = readWatchStart(exchange.request, context.store.versionsOf(query.type));
  // Only WatchList streams are compressed, from their first byte to their last.
  const compress = exchange.request.kind === 'watch-list' && exchange.takesGzip;
  if (compress) exchange.shape((body) => new GzippedBody(body));
  exchange.begin(200, { 'content-type': 'application/json', ...(compress && GZIP_HEADERS) });
  await new Watch(context, exchange, query).run(start);
}
