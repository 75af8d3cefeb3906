/** Owns a transport that answers as a test says, request by request and chunk by chunk. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';

type Step = { readonly chunk: Uint8Array } | { readonly end: true } | { readonly error: Error };

/** A body that a test feeds. */
export class ScriptedBody implements AsyncIterable<Uint8Array> {
  readonly #steps: Step[] = [];
  #wake: () => void = () => undefined;
  destroyed = false;

  give(step: Step): void {
    this.#steps.push(step);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const step = this.#steps.shift();
        if (step === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if ('chunk' in step) yield step.chunk;
        else if ('error' in step) throw step.error;
        else return;
      }
    } finally {
      this.destroyed = true;
    }
  }
}

/** One request and what the test answers. */
export class Exchange {
  readonly request: TransportRequest;
  readonly response: Promise<TransportResponse>;
  readonly body: ScriptedBody = new ScriptedBody();
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (error: Error) => void;

  constructor(request: TransportRequest) {
    this.request = request;
    const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener('abort', () => {
      reject(request.signal?.reason);
      this.body.give({ error: request.signal?.reason });
    });
  }

  get aborted(): boolean {
    return this.request.signal?.aborted ?? false;
  }

  get query(): Readonly<Record<string, string | undefined>> {
    return this.request.query ?? {};
  }

  /** What kind of request this is. */
  get kind(): 'watch-list' | 'watch' | 'probe' | 'list' {
    if (this.query.sendInitialEvents === 'true') return 'watch-list';
    if (this.query.watch === '1') return 'watch';
    return this.query.limit === '1' ? 'probe' : 'list';
  }

  /** Sends the headers, and the body as far as it is given. */
  respond(status = 200, text = ''): this {
    this.#resolve({ status, headers: { 'content-type': 'application/json' }, body: this.body });
    if (text !== '') this.write(text);
    return this;
  }

  /** A refusal with a `Status`. */
  refuse(code: number, more: object = {}): void {
    this.respond(code, JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, ...more })).end();
  }

  /** A whole list. */
  list(items: readonly object[], metadata: object): void {
    this.respond(200, JSON.stringify({ kind: 'SecretList', apiVersion: 'v1', metadata, items })).end();
  }

  write(data: string | Uint8Array): this {
    this.body.give({ chunk: typeof data === 'string' ? Buffer.from(data) : data });
    return this;
  }

  /** Events in one chunk. */
  events(...events: readonly object[]): this {
    return this.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }

  end(): void {
    this.body.give({ end: true });
  }

  reset(): void {
    this.body.give({ error: new TransportError('connection reset', { code: 'CONNECTION_RESET' }) });
  }

  /** No response at all. */
  fail(code: 'CONNECTION_REFUSED' | 'TIMEOUT' = 'CONNECTION_REFUSED'): void {
    this.#reject(new TransportError('no connection', { code }));
  }
}

/** A transport whose requests wait for the test. */
export class ScriptedTransport implements Transport {
  readonly exchanges: Exchange[] = [];
  refreshes = 0;
  /** What a refresh of the credentials waits for. */
  refreshing: Promise<void> = Promise.resolve();
  #seen = 0;

  request(request: TransportRequest): Promise<TransportResponse> {
    const exchange = new Exchange(request);
    this.exchanges.push(exchange);
    return exchange.response;
  }

  /** The next request that was not asked for yet. */
  async next(): Promise<Exchange> {
    for (let turn = 0; turn < 50; turn++) {
      const exchange = this.exchanges[this.#seen];
      if (exchange !== undefined) {
        this.#seen++;
        return exchange;
      }
      await nextTurn();
    }
    throw new Error(`no request after the first ${this.#seen}`);
  }

  refreshCredentials(): Promise<void> {
    this.refreshes++;
    return this.refreshing;
  }

  async close(): Promise<void> {}
}
