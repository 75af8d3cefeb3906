/** Owns what the proxy understands of a request: what is asked for, and by whom. */

/** The kinds of requests that firn sends; `namespace-list` and `get` are those of on-demand stores. */
export type AskedKind = 'watch' | 'watch-list' | 'list' | 'probe' | 'get' | 'namespace-list';

/** One request. */
export interface Asked {
  readonly kind: AskedKind;
  /** The same for all requests of one watcher. */
  readonly watcher: string;
  /** As it goes on to the server. */
  readonly path: string;
}

/** Watches last as many seconds of the watcher's clock as they ask for: fewer of the machine's. */
function shortened(query: URLSearchParams, speed: number): void {
  const seconds = query.get('timeoutSeconds');
  if (seconds !== null) query.set('timeoutSeconds', String(Math.max(1, Math.round(Number(seconds) / speed))));
}

/** Reads a request's URL; `speed` is how much faster the watchers' clock runs than that of the server. */
export function readAsked(target: string, speed: number): Asked {
  const { pathname, searchParams: query } = new URL(target, 'http://proxy');
  const watcher = `${pathname}?${query.get('labelSelector') ?? ''}`;
  shortened(query, speed);
  const path = query.size === 0 ? pathname : `${pathname}?${query}`;
  return { kind: kindOf(pathname, query), watcher, path };
}

function kindOf(pathname: string, query: URLSearchParams): AskedKind {
  if (query.has('watch')) return query.has('sendInitialEvents') ? 'watch-list' : 'watch';
  if (/\/namespaces\/[^/]+\/[^/]+\/[^/]+$/.test(pathname)) return 'get';
  if (/\/namespaces\/[^/]+\/[^/]+$/.test(pathname)) return 'namespace-list';
  return query.get('limit') === '1' ? 'probe' : 'list';
}
