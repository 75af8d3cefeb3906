/** Owns the list of requests that the server has had. */
import type { ApiRequest, RequestKind } from './api-request.ts';

/** One request, as tests look at it. */
export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case; the value of `authorization` is never kept. */
  readonly headers: Readonly<Record<string, string>>;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly kind: RequestKind;
  /** `'networking.k8s.io/v1/ingresses'`; undefined where the path names no resource type. */
  readonly gvr: string | undefined;
  readonly namespace: string;
  readonly name: string;
}

const MAX_KEPT = 100_000;

/** The requests, oldest first; the oldest are dropped beyond 100,000. */
export class RequestLog {
  readonly #now: () => number;
  readonly requests: RecordedRequest[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(request: ApiRequest, gvr: string | undefined): void {
    const { method, path, query, headers, kind, target } = request;
    const { namespace = '', name = '' } = target ?? {};
    this.requests.push(
      Object.freeze({ method, path, query, headers, at: this.#now(), kind, gvr, namespace, name }),
    );
    if (this.requests.length > MAX_KEPT) this.requests.splice(0, MAX_KEPT / 10);
  }
}
