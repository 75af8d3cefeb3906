/** Owns one response of the server, and what goes wrong with it on its way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asked } from './asked.ts';
import type { Fault, StreamFaultKind } from './fault.ts';
import { FrameFault } from './frames.ts';
import { Outgoing, type UntimelyEnd } from './outgoing.ts';

/** Where a body breaks off. */
export interface BodyEnd {
  readonly how: UntimelyEnd;
  readonly afterBytes: number;
}

const NEWLINE = 0x0a;

/** Relays one response. */
export class Relay {
  readonly asked: Asked;
  readonly #outgoing: Outgoing;
  readonly #source: IncomingMessage;
  #frameFault: FrameFault | undefined;
  #endsAt: BodyEnd | undefined;
  #sent = 0;
  #isWithinFrame = false;

  constructor(asked: Asked, source: IncomingMessage, response: ServerResponse, end: BodyEnd | undefined) {
    this.asked = asked;
    this.#source = source;
    this.#endsAt = end;
    this.#outgoing = new Outgoing(response, source);
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => this.#outgoing.end());
    // The server is gone, or was told that nobody listens any more.
    source.on('error', () => undefined);
    source.on('close', () => {
      if (!source.complete && !this.isOver) response.destroy();
    });
  }

  get isStream(): boolean {
    return this.asked.kind === 'watch' || this.asked.kind === 'watch-list';
  }

  get isOver(): boolean {
    return this.#outgoing.isOver;
  }

  /** Something goes wrong from here on. */
  inflict({ kind, amount }: Fault & { readonly kind: StreamFaultKind }): void {
    switch (kind) {
      case 'cut':
      case 'reset':
      case 'stall':
        this.#outgoing.breakOff(kind);
        break;
      case 'throttle':
        this.#outgoing.throttle(amount);
        break;
      default:
        this.#frameFault ??= new FrameFault(kind, amount, this.#isWithinFrame);
    }
  }

  /** What passes by itself is over; what is stalled stays so. */
  calm(): void {
    this.#endFrameFault();
    this.#endsAt = undefined;
    this.#outgoing.calm();
  }

  #take(chunk: Buffer): void {
    if (this.isOver) return;
    if (this.#frameFault === undefined) {
      this.#pass(chunk);
      return;
    }
    const { bytes, ends } = this.#frameFault.take(chunk);
    this.#pass(bytes);
    if (ends) {
      this.#outgoing.breakOff('truncate');
      this.#source.destroy();
    } else if (this.#frameFault.isOver) this.#endFrameFault();
  }

  #endFrameFault(): void {
    const rest = this.#frameFault?.rest;
    this.#frameFault = undefined;
    if (rest !== undefined && rest.length > 0 && !this.isOver) this.#pass(rest);
  }

  #pass(bytes: Buffer): void {
    const end = this.#endsAt;
    const allowed = end === undefined ? bytes : bytes.subarray(0, Math.max(0, end.afterBytes - this.#sent));
    this.#sent += allowed.length;
    if (allowed.length > 0) this.#isWithinFrame = allowed.at(-1) !== NEWLINE;
    this.#outgoing.write(allowed);
    if (end === undefined || this.#sent < end.afterBytes) return;
    this.#endsAt = undefined;
    this.#outgoing.breakOff(end.how);
    if (end.how !== 'stall') this.#source.destroy();
  }
}
