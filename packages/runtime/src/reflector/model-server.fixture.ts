/** Owns a list/watch server in a few lines, against which a reflector's contents are compared. */
import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';
import { Exchange } from './scripted-transport.fixture.ts';

/** What the server does to the next request instead of answering it. */
export type Misbehaviour =
  | 'refuse-connection'
  | 'time-out'
  | 'status-401'
  | 'status-410'
  | 'status-422'
  | 'status-429'
  | 'status-500'
  | 'too-large'
  | 'close-at-once'
  | 'reset-halfway'
  | 'garbage'
  | 'error-410'
  | 'error-429'
  | 'error-500'
  | 'never-ends';

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly name: string;
  readonly rv: number;
}

interface Stream {
  readonly exchange: Exchange;
  /** Not reached yet: silent until the server is there. */
  readonly from: number;
}

function object(name: string, rv: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name, resourceVersion: String(rv) },
  };
}

function frame(type: string, name: string, rv: number): string {
  return `${JSON.stringify({ type, object: object(name, rv) })}\n`;
}

function bookmark(rv: number, end: boolean): string {
  const annotations = end ? { 'k8s.io/initial-events-end': 'true' } : {};
  const metadata = { resourceVersion: String(rv), annotations };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'Secret', metadata } })}\n`;
}

function errorEvent(code: number): string {
  return `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code } })}\n`;
}

/** Objects, their history, and the streams that are open. */
export class ModelServer implements Transport {
  /** Name to resource version. */
  objects: Map<string, number> = new Map();
  rv = 10;
  requests = 0;
  readonly misbehaviours: Misbehaviour[] = [];
  #history: Change[] = [];
  #compacted = 0;
  #backup: { objects: Map<string, number>; rv: number } = { objects: new Map(), rv: 10 };
  /**
   * Restored, and nobody has listed since: nothing is written then, as a resource version that is given twice, to
   * different objects, can be noticed by no client.
   */
  #behind = false;
  readonly #streams = new Set<Stream>();
  readonly #pages = new Map<string, { items: object[]; rv: number }>();

  write(name: string): void {
    if (this.#behind) return;
    this.rv++;
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    this.objects.set(name, this.rv);
    this.#changed({ type, name, rv: this.rv });
  }

  delete(name: string): void {
    if (this.#behind || !this.objects.delete(name)) return;
    this.rv++;
    this.#changed({ type: 'DELETED', name, rv: this.rv });
  }

  compact(): void {
    this.#compacted = this.rv;
    this.#history = [];
    this.#pages.clear();
  }

  backUp(): void {
    this.#backup = { objects: new Map(this.objects), rv: this.rv };
  }

  /** Goes back to the backup; connections break, as the server was down. */
  restore(): void {
    this.#behind ||= this.rv > this.#backup.rv;
    this.objects = new Map(this.#backup.objects);
    this.rv = this.#backup.rv;
    this.#history = this.#history.filter((change) => change.rv <= this.rv);
    this.#compacted = Math.min(this.#compacted, this.rv);
    this.#pages.clear();
    this.breakStreams('reset');
    this.misbehaviours.unshift('refuse-connection');
  }

  breakStreams(how: 'end' | 'reset'): void {
    for (const { exchange } of this.#streams) {
      if (how === 'end') exchange.end();
      else exchange.reset();
    }
    this.#streams.clear();
  }

  /** What a server does about once a minute. */
  sendBookmarks(): void {
    for (const { exchange, from } of this.#streams)
      if (from <= this.rv) exchange.write(bookmark(this.rv, false));
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    this.requests++;
    const exchange = new Exchange(request);
    request.signal?.addEventListener('abort', () => {
      for (const stream of this.#streams) if (stream.exchange === exchange) this.#streams.delete(stream);
    });
    const misbehaviour = this.misbehaviours.shift();
    if (misbehaviour === undefined) this.#answer(exchange);
    else this.#misbehave(exchange, misbehaviour);
    return exchange.response;
  }

  async refreshCredentials(): Promise<void> {}

  async close(): Promise<void> {}

  #changed(change: Change): void {
    this.#history.push(change);
    for (const { exchange, from } of this.#streams)
      if (change.rv > from) exchange.write(frame(change.type, change.name, change.rv));
  }

  #answer(exchange: Exchange): void {
    if (exchange.kind === 'watch') this.#watch(exchange);
    else if (exchange.kind === 'watch-list') this.#watchList(exchange);
    else this.#list(exchange);
  }

  #isTooLarge(exchange: Exchange): boolean {
    if (Number(exchange.query.resourceVersion || '0') <= this.rv) return false;
    exchange.refuse(504, { reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    return true;
  }

  #watch(exchange: Exchange): void {
    const from = Number(exchange.query.resourceVersion);
    if (from < this.#compacted) {
      exchange.refuse(410, { reason: 'Expired' });
      return;
    }
    exchange.respond();
    const missed = this.#history.filter((change) => change.rv > from);
    for (const change of missed) exchange.write(frame(change.type, change.name, change.rv));
    this.#streams.add({ exchange, from });
  }

  #watchList(exchange: Exchange): void {
    if (this.#isTooLarge(exchange)) return;
    exchange.respond();
    this.#behind = false;
    for (const [name, rv] of this.objects) exchange.write(frame('ADDED', name, rv));
    exchange.write(bookmark(this.rv, true));
    this.#streams.add({ exchange, from: this.rv });
  }

  #list(exchange: Exchange): void {
    if (this.#isTooLarge(exchange)) return;
    const token = exchange.query.continue;
    if (exchange.kind === 'list') this.#behind = false;
    const page = token === undefined ? this.#whole() : this.#pages.get(token);
    if (page === undefined) {
      exchange.refuse(410, { reason: 'Expired' });
      return;
    }
    const limit = Number(exchange.query.limit ?? Number.POSITIVE_INFINITY);
    const rest = page.items.slice(limit);
    const next = rest.length > 0 ? `${page.rv}-${rest.length}` : undefined;
    if (next !== undefined) this.#pages.set(next, { items: rest, rv: page.rv });
    exchange.list(page.items.slice(0, limit), { resourceVersion: String(page.rv), continue: next });
  }

  #whole(): { items: object[]; rv: number } {
    return { items: [...this.objects].map(([name, rv]) => object(name, rv)), rv: this.rv };
  }

  #misbehave(exchange: Exchange, misbehaviour: Misbehaviour): void {
    switch (misbehaviour) {
      case 'refuse-connection':
        exchange.fail('CONNECTION_REFUSED');
        return;
      case 'time-out':
        exchange.fail('TIMEOUT');
        return;
      case 'too-large':
        exchange.refuse(504, { message: 'Too large resource version: 9, current: 8' });
        return;
      case 'close-at-once':
        exchange.respond().end();
        return;
      case 'never-ends':
        exchange.respond();
        return;
      case 'garbage':
        exchange.respond(200, '<html>\n');
        return;
      case 'reset-halfway':
        this.#answer(exchange);
        exchange.body.give({ error: new TransportError('reset', { code: 'CONNECTION_RESET' }) });
        return;
      case 'error-410':
      case 'error-429':
      case 'error-500':
        exchange.respond(200, errorEvent(Number(misbehaviour.slice(6)))).end();
        return;
      default:
        exchange.refuse(Number(misbehaviour.slice(7)));
    }
  }
}
