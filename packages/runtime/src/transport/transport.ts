/** Owns the shape of a connection to an API server: requests in, status and byte chunks out. */
import type { HideCredentials } from './repeated-credentials.ts';

/** One request to an API server. */
export interface TransportRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without query, such as `/apis/networking.k8s.io/v1/ingresses`; segments already encoded. */
  readonly path: string;
  /** Query parameters; an `undefined` value is left out, an empty string is sent. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** `Accept` header; JSON when left out. */
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string | Uint8Array;
  /** Aborting rejects the request or ends the body with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the response headers; the transport's default when left out. */
  readonly headersTimeout?: number;
}

/** A response whose body is still arriving. */
export interface TransportResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body as it arrives, already decompressed. Ends at a clean end; throws a `TransportError` on a reset or a
   * truncated body, and the signal's reason after an abort. Returning from the iteration early destroys the stream.
   * A body that is neither read nor aborted holds its connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Takes the credentials of the request out of a text of the response that is to be shown. */
  readonly hideCredentials?: HideCredentials;
}

/** A connection pool to one API server with one set of credentials. */
export interface Transport {
  /**
   * Sends a request. Any HTTP status resolves, but a redirect, which is never followed. A watch (`watch` in the query)
   * and other requests never wait for each other.
   *
   * @throws {TransportError} when no usable response came: refused, reset, TLS, DNS, timeout, credentials, redirect,
   * closed. After an abort: the signal's reason.
   */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** Fetches credentials anew before the next request (after a 401). */
  refreshCredentials(): Promise<void>;
  /** Closes every connection; requests under way end with an error. Idempotent. */
  close(): Promise<void>;
}
