/** Owns the reading of a watch response: frames to events to the sink, one batch a chunk. */
import { type KubernetesObject, ProtocolError, type ResourceEvent } from '@firn/core';
import { FrameSplitter } from '../transport/frame-splitter.ts';
import { type Decoded, type TakenFrame, versionOf, type WatchFrame } from '../transport/object-decoder.ts';
import { type HideCredentials, statusWithout } from '../transport/repeated-credentials.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';
import { EventLoopTurn } from './event-loop-turn.ts';
import type { ReadContext } from './read-context.ts';
import { laterVersion } from './stream-progress.ts';
import { WatchFrameTaker } from './watch-frame-taker.ts';

/** Frames that are decoded before the clock is looked at again. */
const SLICE = 32;
const OPEN_OBJECT = 0x7b;

/** Reads the frames of one watch, or of one streaming list and the watch that it becomes. */
class WatchReader {
  readonly #context: ReadContext;
  readonly #splitter = new FrameSplitter();
  /** The list is complete: what comes is live. */
  #live: boolean;
  readonly #taker: WatchFrameTaker;
  #events: ResourceEvent<KubernetesObject>[] = [];
  #items: Decoded[] = [];
  #hideCredentials: HideCredentials = (text) => text;
  /** What `#events` took on the wire. */
  #bytes = 0;

  constructor(context: ReadContext, resumeAt: string | undefined) {
    this.#context = context;
    this.#taker = new WatchFrameTaker(context.decoder);
    this.#live = context.request.purpose === 'watch';
    if (this.#live) context.stream.resourceVersion = resumeAt;
  }

  async read({ body, hideCredentials }: TransportResponse): Promise<void> {
    if (hideCredentials !== undefined) this.#hideCredentials = hideCredentials;
    const { signal, stream, clock, request, dispatch } = this.#context;
    const turn = new EventLoopTurn(clock);
    for await (const chunk of body) {
      if (signal.aborted) return;
      stream.bytesAt = clock.monotonic();
      await this.#take(this.#splitter.push(chunk, this.#taker), turn);
      if (turn.isOver && !signal.aborted) await turn.next();
      if (signal.aborted) return;
    }
    const last = this.#splitter.end();
    if (last.length > 0) await this.#takeLast(last, turn);
    if (!signal.aborted) dispatch({ type: 'STREAM_ENDED', request: request.id });
  }

  /** What no newline follows: a whole event is one, half an event was cut off, and anything else is no watch. */
  async #takeLast(last: Uint8Array, turn: EventLoopTurn): Promise<void> {
    try {
      await this.#take([last], turn);
    } catch (error) {
      const malformed = error instanceof ProtocolError && error.code === 'MALFORMED_JSON';
      throw malformed && last[0] === OPEN_OBJECT ? truncated(last.length, this.#context.targetName) : error;
    }
  }

  /** Takes the frames of one chunk. Whatever was whole before a broken one is handed on. */
  async #take(frames: readonly (Uint8Array | TakenFrame)[], turn: EventLoopTurn): Promise<void> {
    const { decoder, signal } = this.#context;
    try {
      for (let index = 0; index < frames.length; ) {
        const one = frames[index++] as Uint8Array | TakenFrame;
        if (one instanceof Uint8Array) this.#frame(decoder.decodeWatchFrame(one), one.length);
        else this.#frame(one, one.bytes);
        if (signal.aborted) return;
        if (index % SLICE !== 0 || !turn.isOver) continue;
        this.#flush();
        await turn.next();
        if (signal.aborted) return;
      }
    } finally {
      this.#flush();
    }
  }

  #frame(frame: WatchFrame, bytes: number): void {
    this.#context.stream.events++;
    if (frame.type === 'ERROR') this.#error(frame);
    else if (this.#live) {
      this.#bytes += bytes;
      this.#liveFrame(frame);
    } else this.#initialFrame(frame);
  }

  #error(frame: Extract<WatchFrame, { type: 'ERROR' }>): void {
    const { dispatch, request, stream, signal } = this.#context;
    stream.events--;
    this.#flush();
    if (signal.aborted) return;
    const status = statusWithout(frame.status, this.#hideCredentials);
    dispatch({ type: 'ERROR_EVENT', request: request.id, status });
  }

  #liveFrame(frame: Exclude<WatchFrame, { type: 'ERROR' }>): void {
    const { stream, clock } = this.#context;
    if (frame.type === 'BOOKMARK') {
      const { resourceVersion } = frame;
      stream.resourceVersion = laterVersion(stream.resourceVersion, resourceVersion);
      if (!frame.initialEventsEnd) stream.bookmarkedAt ??= clock.monotonic();
      this.#events.push({ type: 'BOOKMARK', resourceVersion });
      return;
    }
    const { type, object } = frame;
    stream.resourceVersion = laterVersion(stream.resourceVersion, versionOf(object));
    this.#events.push({ type, object, origin: 'watch' });
  }

  /** The initial events are in no order of resource versions: none of them moves the resume point (rule 2). */
  #initialFrame(frame: Exclude<WatchFrame, { type: 'ERROR' }>): void {
    const { dispatch, request, sink, signal, stream, clock } = this.#context;
    switch (frame.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#items.push(frame.object);
        return;
      case 'DELETED': {
        const { namespace = '', name } = 'metadata' in frame.object ? frame.object.metadata : frame.object;
        this.#flush();
        if (!signal.aborted) sink.listItemDeleted({ namespace, name });
        return;
      }
      case 'BOOKMARK':
        if (!frame.initialEventsEnd) {
          stream.bookmarkedAt ??= clock.monotonic();
          return;
        }
        this.#flush();
        if (signal.aborted) return;
        this.#live = true;
        stream.resourceVersion = frame.resourceVersion;
        dispatch({
          type: 'INITIAL_EVENTS_ENDED',
          request: request.id,
          resourceVersion: frame.resourceVersion,
        });
    }
  }

  #flush(): void {
    const { sink, stream, clock, touch } = this.#context;
    if (this.#items.length + this.#events.length === 0) return;
    stream.eventAt = clock.now();
    const items = this.#items;
    const events = this.#events;
    const bytes = this.#bytes;
    this.#items = [];
    this.#events = [];
    this.#bytes = 0;
    stream.listed += items.length;
    if (items.length > 0) sink.listItems(items);
    if (events.length > 0) sink.batch(events, bytes);
    touch();
  }
}

function truncated(bytes: number, target: string): TransportError {
  return new TransportError(
    `The watch of ${target} was cut off within an event, ${bytes} bytes of which had arrived; it is opened again where it was.`,
    { code: 'TRUNCATED' },
  );
}

/**
 * Reads a watch to its end. `resumeAt` is the resource version it was opened at.
 *
 * @throws {ProtocolError} when a frame is none.
 * @throws {TransportError} when the body breaks off.
 */
export function readWatch(
  response: TransportResponse,
  context: ReadContext,
  resumeAt: string | undefined,
): Promise<void> {
  return new WatchReader(context, resumeAt).read(response);
}
