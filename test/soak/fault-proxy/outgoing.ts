/** Owns one response on its way to a watcher: its pace, and how it ends. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A throttled response sends so many bytes at each tick: 1 KB a second. */
const TICK_MS = 100;
const BYTES_A_TICK = 102;
const MOST_WAITING = 64 * 1024;

/** How a response is brought to an untimely end. */
export type UntimelyEnd = 'cut' | 'reset' | 'stall' | 'truncate';

/** Hands bytes on, as fast as they may go. */
export class Outgoing {
  readonly #response: ServerResponse;
  readonly #source: IncomingMessage;
  #isBroken = false;
  #waiting: Buffer[] = [];
  #ticking: NodeJS.Timeout | undefined;
  #calming: NodeJS.Timeout | undefined;
  #endsAfter: (() => void) | undefined;

  /** @param source is paused while the watcher does not take what was sent. */
  constructor(response: ServerResponse, source: IncomingMessage) {
    this.#response = response;
    this.#source = source;
    response.on('drain', () => source.resume());
    response.on('close', () => this.#stopTimers());
  }

  get isOver(): boolean {
    return this.#isBroken || this.#response.destroyed || this.#response.writableEnded;
  }

  write(bytes: Buffer): void {
    if (this.isOver || bytes.length === 0) return;
    if (this.#ticking !== undefined) {
      this.#waiting.push(bytes);
      if (this.#waiting.reduce((sum, { length }) => sum + length, 0) > MOST_WAITING) this.#source.pause();
    } else if (!this.#response.write(bytes)) this.#source.pause();
  }

  /** The server has ended its response in order. */
  end(): void {
    if (this.isOver) return;
    if (this.#ticking !== undefined) this.#endsAfter = () => this.#response.end();
    else this.#response.end();
  }

  /** The response breaks off. */
  breakOff(how: UntimelyEnd): void {
    if (this.isOver) return;
    this.#stopTimers();
    this.#isBroken = true;
    switch (how) {
      case 'cut':
        this.#response.socket?.end();
        break;
      case 'reset':
        this.#response.socket?.resetAndDestroy();
        break;
      case 'stall':
        // What a stalled connection would have sent is lost: the server shall not stall with it.
        this.#source.resume();
        break;
      case 'truncate':
        this.#response.end();
        break;
    }
  }

  throttle(ms: number): void {
    if (this.isOver || this.#ticking !== undefined) return;
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#calming = setTimeout(() => this.calm(), ms);
  }

  /** Ends a throttling. */
  calm(): void {
    this.#stopTimers();
    const waiting = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.write(waiting);
    this.#endsAfter?.();
    if (this.#response.writableNeedDrain !== true) this.#source.resume();
  }

  #tick(): void {
    const waiting = Buffer.concat(this.#waiting);
    if (waiting.length > 0) this.#response.write(waiting.subarray(0, BYTES_A_TICK));
    this.#waiting = waiting.length > BYTES_A_TICK ? [waiting.subarray(BYTES_A_TICK)] : [];
    if (this.#waiting.length === 0) this.#source.resume();
  }

  #stopTimers(): void {
    clearInterval(this.#ticking);
    clearTimeout(this.#calming);
    this.#ticking = undefined;
  }
}
