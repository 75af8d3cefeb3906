/** Owns what firn keeps of a Kubernetes `Status`: why a server refused something. */
import { visibleText } from '../visible-text.ts';
import { isJsonObject } from './parse-json-bytes.ts';

/** One cause in the details of a `Status`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** A `Status`, as far as firn reads it. Texts are shortened, and control characters in them are made visible. */
export interface KubernetesStatus {
  /** HTTP status code, such as 410. */
  readonly code: number;
  /** Such as `Expired`, `Forbidden`; `''` if the server gave none. */
  readonly reason: string;
  readonly message: string;
  readonly details: {
    /** At most 32. */
    readonly causes: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

const LONGEST_MESSAGE = 500;
const MOST_CAUSES = 32;

/** What the API server calls a status code when the body does not say. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The reason that goes with a status code, `''` for one without. */
export function reasonOf(code: number): string {
  return REASONS[code] ?? '';
}

function text(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value !== '' ? visibleText(value, limit) : undefined;
}

function causesOf(details: Record<string, unknown>): StatusCause[] {
  const causes = details.causes;
  if (!Array.isArray(causes)) return [];
  return causes
    .slice(0, MOST_CAUSES)
    .filter(isJsonObject)
    .map((cause) => {
      const reason = text(cause.reason, 100);
      const message = text(cause.message, LONGEST_MESSAGE);
      const field = text(cause.field, LONGEST_MESSAGE);
      return {
        ...(reason === undefined ? {} : { reason }),
        ...(message === undefined ? {} : { message }),
        ...(field === undefined ? {} : { field }),
      };
    });
}

/** Seconds as a server may give them: a whole number of 0 or more. */
function retrySeconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What a server means when it sends these. */
export function statusFrom(given: {
  readonly code: number;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number | undefined;
}): KubernetesStatus {
  const { code, retryAfterSeconds } = given;
  const reason = given.reason ?? reasonOf(code);
  return Object.freeze({
    code,
    reason,
    message: given.message ?? `the server answered ${code}${reason === '' ? '' : ` (${reason})`}`,
    details: Object.freeze({
      causes: Object.freeze([...(given.causes ?? [])]),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    }),
  });
}

/**
 * Reads a `Status` object; whatever has the wrong type counts as absent.
 *
 * @param fallbackCode counts where the object has no code.
 */
export function readStatusObject(
  value: Readonly<Record<string, unknown>>,
  fallbackCode: number,
): KubernetesStatus {
  const details = isJsonObject(value.details) ? value.details : {};
  const code = value.code;
  return statusFrom({
    code: typeof code === 'number' && Number.isSafeInteger(code) && code > 0 ? code : fallbackCode,
    reason: text(value.reason, 100),
    message: text(value.message, LONGEST_MESSAGE),
    causes: causesOf(details),
    retryAfterSeconds: retrySeconds(details.retryAfterSeconds),
  });
}
