/** Owns refusals: what a server, or something in between, answers in place of what was asked for. */

/** A whole answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** The longest `Retry-After`, in seconds of the watchers' clock. */
export const LONGEST_RETRY_AFTER = 4;

/** The `Status` of a code. */
export function statusOf(code: number, retryAfterSeconds?: number): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the fault proxy says so',
    reason: REASONS[code] ?? '',
    ...(retryAfterSeconds === undefined ? undefined : { details: { retryAfterSeconds } }),
    code,
  };
}

/** An answer with this code: one in four as some load balancer would send it, without a `Status`. */
export function refusal(code: number, pick: number): WholeAnswer {
  const isBusy = code === 429 || code >= 500;
  const retryAfter = isBusy && pick < 0.5 ? 1 + Math.floor(pick * 2 * LONGEST_RETRY_AFTER) : undefined;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (pick >= 0.75) {
    return {
      status: code,
      headers: { ...headers, 'content-type': 'text/html' },
      body: Buffer.from('<h1>no</h1>'),
    };
  }
  const body = Buffer.from(JSON.stringify(statusOf(code, retryAfter)));
  return { status: code, headers: { ...headers, 'content-type': 'application/json' }, body };
}
