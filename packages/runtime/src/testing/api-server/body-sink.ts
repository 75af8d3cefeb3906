/** Owns where the bytes of a response go, as faults and handlers see it. */

/** The body of one response. */
export interface BodySink {
  /** True as long as more may be written at once; otherwise wait for `drained`. */
  write(chunk: Uint8Array): boolean;
  /** Resolves when more may be written, or the response is over. */
  drained(): Promise<void>;
  /** Ends the response as it should be. */
  end(): void;
  /** Sends what was written and closes the connection in the middle of the response. */
  close(): void;
  /** Resets the connection. */
  reset(): void;
}

/** Hands everything on; whoever shapes a body overrides what it changes. */
export class PassingBody implements BodySink {
  protected readonly next: BodySink;

  constructor(next: BodySink) {
    this.next = next;
  }

  write(chunk: Uint8Array): boolean {
    return this.next.write(chunk);
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
