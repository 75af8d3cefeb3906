/** Owns the faults that act on the frames of a watch. */
import type { Stop } from './body-faults.ts';
import type { Frame, FrameSink } from './frame-sink.ts';

/** Hands everything on; faults override what they change. */
class PassingFrames implements FrameSink {
  protected readonly next: FrameSink;

  constructor(next: FrameSink) {
    this.next = next;
  }

  send(frame: Frame): void {
    this.next.send(frame);
  }

  drained(): Promise<void> {
    return this.next.drained();
  }

  end(): void {
    this.next.end();
  }

  close(): void {
    this.next.close();
  }

  reset(): void {
    this.next.reset();
  }
}

/** Lets a number of frames through, then does something once; afterwards frames pass or are swallowed. */
class InterruptedFrames extends PassingFrames {
  #left: number;
  readonly #interrupt: (next: FrameSink, following: Frame | undefined) => 'go-on' | 'stop';
  #stopped = false;

  constructor(
    next: FrameSink,
    afterEvents: number,
    interrupt: (next: FrameSink, following: Frame | undefined) => 'go-on' | 'stop',
  ) {
    super(next);
    this.#left = afterEvents;
    this.#interrupt = interrupt;
    if (afterEvents === 0) queueMicrotask(() => this.#strike(undefined));
  }

  override send(frame: Frame): void {
    if (this.#left === 0 && !this.#stopped) this.#strike(frame);
    if (this.#stopped) return;
    this.next.send(frame);
    if (this.#left > 0) this.#left -= 1;
    if (this.#left === 0) queueMicrotask(() => this.#strike(undefined));
  }

  override end(): void {
    if (!this.#stopped) this.next.end();
  }

  #strike(following: Frame | undefined): void {
    if (this.#left !== 0) return;
    this.#left = -1;
    this.#stopped = this.#interrupt(this.next, following) === 'stop';
  }
}

/** Stops a watch after a number of frames. */
export function stoppingFrames(next: FrameSink, afterEvents: number, how: Stop): FrameSink {
  return new InterruptedFrames(next, afterEvents, (sink) => {
    if (how !== 'stall') sink[how]();
    return 'stop';
  });
}

/** Puts a frame in after a number of frames; the stream may end with it. */
export function insertedFrame(next: FrameSink, afterEvents: number, bytes: Buffer, end: boolean): FrameSink {
  return new InterruptedFrames(next, afterEvents, (sink) => {
    sink.send({ type: 'ERROR', bytes });
    if (end) sink.end();
    return end ? 'stop' : 'go-on';
  });
}

/** Sends half of the next frame and ends. */
export class TruncatedFrames extends PassingFrames {
  #left: number;

  constructor(next: FrameSink, afterEvents: number) {
    super(next);
    this.#left = afterEvents;
  }

  override send(frame: Frame): void {
    if (this.#left > 0) this.next.send(frame);
    else if (this.#left === 0) {
      this.next.send({ ...frame, bytes: frame.bytes.subarray(0, frame.bytes.length >> 1) });
      this.next.end();
    }
    this.#left -= 1;
  }

  override end(): void {
    if (this.#left >= 0) this.next.end();
  }
}

/** Sends every event twice. */
export class DuplicatedFrames extends PassingFrames {
  override send(frame: Frame): void {
    this.next.send(frame);
    if (frame.type !== 'BOOKMARK' && frame.type !== 'ERROR') this.next.send(frame);
  }
}

/** Sends the state before each change again after it. */
export class OutOfDateFrames extends PassingFrames {
  override send(frame: Frame): void {
    this.next.send(frame);
    if (frame.outOfDate) this.next.send({ type: frame.type, bytes: frame.outOfDate() });
  }
}

/** Leaves bookmarks out: all, or those that complete a WatchList. */
export class BookmarklessFrames extends PassingFrames {
  readonly #which: 'all' | 'initial-end';

  constructor(next: FrameSink, which: 'all' | 'initial-end') {
    super(next);
    this.#which = which;
  }

  override send(frame: Frame): void {
    if (frame.type !== 'BOOKMARK' || (this.#which === 'initial-end' && !frame.initialEnd))
      this.next.send(frame);
  }
}

/** Ends a WatchList where the bookmark that completes it should come. */
export class EarlyEndingFrames extends PassingFrames {
  override send(frame: Frame): void {
    if (frame.initialEnd) this.next.end();
    else this.next.send(frame);
  }
}
