/** Owns the failure of a request that got no usable response. */
import { FirnError } from '@firn/core';

/** What kind of failure it was: decides whether and how soon a reflector tries again. */
export type TransportErrorCode =
  | 'CONNECTION_REFUSED'
  | 'CONNECTION_RESET'
  | 'TIMEOUT'
  | 'DNS'
  | 'TLS'
  | 'CREDENTIALS'
  | 'TRUNCATED'
  | 'REDIRECT'
  | 'CLOSED'
  | 'NETWORK';

const LASTING: ReadonlySet<TransportErrorCode> = new Set(['TLS', 'CREDENTIALS', 'REDIRECT', 'CLOSED']);

/** A request got no response, or its body broke off. The message names host and cause, never credentials. */
export class TransportError extends FirnError {
  declare readonly code: TransportErrorCode;

  constructor(message: string, options: { readonly code: TransportErrorCode; readonly cause?: unknown }) {
    super(message, { ...options, retryable: !LASTING.has(options.code) });
  }
}
