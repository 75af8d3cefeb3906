/** The requests that this process sends to a cluster, with what was answered, noted where undici reads the headers. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'undici:request:headers';

interface Answered {
  readonly request: { readonly origin: string | URL; readonly path: string; readonly method: string };
  /** Headers as HTTP/2 has them, which is what API servers are spoken to in. */
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
  };
}

/** A GET request and its answer. */
export interface Exchange {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  /** `gzip`, or `''` for none. */
  readonly encoding: string;
}

/** What an exchange was for. */
export function kindOf({ query }: Exchange): 'streaming list' | 'watch' | 'probe' | 'list' {
  if (query.sendInitialEvents !== undefined) return 'streaming list';
  if (query.watch !== undefined) return 'watch';
  return query.limit === '1' ? 'probe' : 'list';
}

/** Notes each GET request to an API server, by its own address or that of a line to it, once its answer begins. */
export class ExchangeLog implements Disposable {
  readonly exchanges: Exchange[] = [];
  readonly #note: (message: unknown) => void;

  constructor({ url }: { readonly url: string }) {
    this.#note = (message) => {
      const { request, response } = message as Answered;
      if (request.method !== 'GET' || String(request.origin) !== url) return;
      const { pathname: path, searchParams } = new URL(request.path, url);
      const query = Object.fromEntries(searchParams);
      const { statusCode: status, headers } = response;
      this.exchanges.push({ path, query, status, encoding: headers['content-encoding'] ?? '' });
    };
    subscribe(CHANNEL, this.#note);
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#note);
  }
}
