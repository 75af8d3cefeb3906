/** Owns the taking of watch frames while the body is still being split. */
import type { FrameTaker } from '../transport/frame-splitter.ts';
import type { ObjectDecoder, TakenFrame } from '../transport/object-decoder.ts';

/** Has the decoder take frames on the spot. */
export class WatchFrameTaker implements FrameTaker<TakenFrame> {
  readonly #decoder: ObjectDecoder;
  #end = 0;

  constructor(decoder: ObjectDecoder) {
    this.#decoder = decoder;
  }

  get end(): number {
    return this.#end;
  }

  take(chunk: Uint8Array, from: number): TakenFrame | undefined {
    const taken = this.#decoder.takeWatchFrame?.(chunk, from);
    if (taken !== undefined) this.#end = taken.end + 1;
    return taken;
  }
}
