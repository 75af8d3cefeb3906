/** Owns the errors of fetches: what became of a request, in the words of a store, without anything of a resource. */
import { FirnError, StoreError } from '@firn/core';
import { shownValue } from '@firn/core/engine';

/** What was fetched, for the message and the keys of an error. */
export interface FetchSubject {
  /** `group/version/resource`. */
  readonly resource: string;
  /** `get`, or `list` of a namespace. */
  readonly verb: 'get' | 'list';
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
}

/** Codes of Node.js and undici that say that a connection failed. */
const NETWORK = /^(?:E(?:CONN|PIPE|TIMEDOUT|AI_AGAIN|HOST|NET|NOTFOUND)|UND_ERR_)/;
const LONGEST = 300;

/** The HTTP status that a client rejected with. */
export function statusOf(cause: unknown): number | undefined {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** How long the server wants to be left alone, in milliseconds. */
export function retryAfterOf(cause: unknown): number | undefined {
  const seconds = (cause as { retryAfterSeconds?: unknown } | null | undefined)?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined;
}

/** What a client rejected with, as an error of the store. */
export function fetchError(cause: unknown, subject: FetchSubject): StoreError {
  if (cause instanceof StoreError) return cause;
  const status = statusOf(cause);
  const at = `${subject.verb} ${subject.resource} ${shownValue(identity(subject))}`;
  if (status === 401)
    return failure(
      `${at}: the API server does not accept the credentials (401). Renew them.`,
      'UNAUTHORIZED',
    );
  if (status === 403) {
    const [, noun] = /([^/]+)$/.exec(subject.resource) ?? [];
    return failure(
      `${at}: the API server forbids it (403). Grant the verb ${subject.verb} on ${noun} to this user.${said(cause)}`,
      'FORBIDDEN',
    );
  }
  if (status === 429)
    return failure(
      `${at}: the API server has too many requests (429). Try again later.`,
      'TOO_MANY_REQUESTS',
    );
  if (status !== undefined)
    return failure(`${at}: the API server refused (${status}).${said(cause)}`, 'REFUSED');
  const network = networkCode(cause);
  if (network !== undefined)
    return failure(`${at}: the API server cannot be reached (${network}). Try again later.`, 'UNREACHABLE');
  if (cause instanceof FirnError) return failure(`${at}: ${cause.message}`, 'FETCH_FAILED');
  const name = cause instanceof Error ? cause.name : typeof cause;
  return failure(`${at}: the client failed with ${shownValue(name)}. Its cause says why.`, 'FETCH_FAILED');

  function failure(message: string, code: string): StoreError {
    const { keys } = subject;
    return new StoreError(message, { code, operation: 'fetch', keys, cause, retryable: isRetryable(cause) });
  }
}

/** Whether the same request may succeed in a moment. */
export function isRetryable(cause: unknown): boolean {
  const status = statusOf(cause);
  if (status !== undefined) return status === 429 || (status >= 500 && status !== 501);
  return cause instanceof FirnError ? cause.retryable : networkCode(cause) !== undefined;
}

/** Whether it has nothing to do with what was fetched: others would fail in the same way. */
export function isGeneral({ code }: StoreError): boolean {
  return code === 'UNREACHABLE' || code === 'FETCH_TIMEOUT' || code === 'UNAUTHORIZED';
}

function identity({ namespace, name }: FetchSubject): string {
  return namespace === '' || name === '' ? namespace + name : `${namespace}/${name}`;
}

/** `fetch` of Node.js wraps the error that says why. */
function networkCode(cause: unknown): string | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 3; error = error.cause, depth++) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && (NETWORK.test(code) || isTransportFailure(error))) return code;
  }
  return undefined;
}

/** firn's own client tells failures of the network by its class; they may be tried again. */
function isTransportFailure(error: Error): boolean {
  return error instanceof FirnError && error.name === 'TransportError' && error.retryable;
}

/** What the server said of its refusal, which is about who asks and for what. */
function said(cause: unknown): string {
  if (!(cause instanceof Error) || cause.message === '') return '';
  const line = cause.message.split('\n', 1)[0] as string;
  return ` It said: ${printable(line.slice(0, LONGEST))}`;
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD');
}
