/** Owns what the query of a list or watch means, and which combinations are refused. */
import { type ApiRequest, isTrue } from './api-request.ts';
import { badRequest, invalidOptions, type StatusCause, StatusError } from './status-error.ts';
import type { VersionCounter } from './version-counter.ts';

/** From which state a list is answered. */
export type ListVersion =
  | { readonly at: 'latest' }
  /** The latest state, once it is at least as new as this. */
  | { readonly at: 'not-older'; readonly version: number }
  | { readonly at: 'exact'; readonly version: number };

function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field };
}

function unsupported(value: string, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    field: 'resourceVersionMatch',
  };
}

function refuse(causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
}

const FORBIDDEN_WHEN_CONTINUED = forbidden(
  'resourceVersionMatch',
  'resourceVersionMatch is forbidden when continue is provided',
);

function matchCauses(match: string, resourceVersion: string, continued: boolean): StatusCause[] {
  if (continued) return [FORBIDDEN_WHEN_CONTINUED];
  if (resourceVersion === '') {
    return [
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    ];
  }
  if (match !== 'Exact' && match !== 'NotOlderThan')
    return [unsupported(match, '"Exact", "NotOlderThan", ""')];
  if (match === 'Exact' && resourceVersion === '0') {
    return [
      forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    ];
  }
  return [];
}

function readInteger(text: string): number {
  if (text === '') return 0;
  if (!/^-?\d{1,18}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text.slice(0, 64))}: invalid syntax`);
  }
  return Math.max(0, Number(text));
}

/** The value of `limit`, 0 for none. */
export function readLimit(request: ApiRequest): number {
  return readInteger(request.query.limit ?? '');
}

/** The value of `timeoutSeconds` in milliseconds, 0 for none. */
export function readTimeout(request: ApiRequest): number {
  return readInteger(request.query.timeoutSeconds ?? '') * 1000;
}

/** @throws {StatusError} 400 or 422 when the parameters of a list do not go together. */
export function readListVersion(request: ApiRequest, versions: VersionCounter): ListVersion {
  const { resourceVersion = '', resourceVersionMatch: match = '', sendInitialEvents } = request.query;
  const continued = (request.query.continue ?? '') !== '';
  refuse([
    ...(match === '' ? [] : matchCauses(match, resourceVersion, continued)),
    ...(sendInitialEvents === undefined
      ? []
      : [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]),
  ]);
  if (resourceVersion === '') return { at: 'latest' };
  const version = versions.parse(resourceVersion);
  if (continued && version > 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  if (version === 0) return { at: 'latest' };
  // A limit beside a version means exactly that version, for the sake of old clients.
  const exact = match === 'Exact' || (match === '' && readLimit(request) > 0);
  return exact ? { at: 'exact', version } : { at: 'not-older', version };
}

/** What a watch starts with. */
export interface WatchStart {
  /** 0: from any state on. */
  readonly version: number;
  /** Whether the objects that are there come first, as ADDED. */
  readonly initial: boolean;
  /** Whether a bookmark says when the initial ones are complete. */
  readonly initialEnd: boolean;
  readonly bookmarks: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
}

/** @throws {StatusError} 400, 422 or 500 when the parameters of a watch do not go together, as the real server answers. */
export function readWatchStart(request: ApiRequest, versions: VersionCounter): WatchStart {
  const { resourceVersion = '', resourceVersionMatch: match = '', sendInitialEvents } = request.query;
  const causes: StatusCause[] = [];
  if ((request.query.continue ?? '') !== '') causes.push(FORBIDDEN_WHEN_CONTINUED);
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    causes.push(
      forbidden(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  }
  if (match !== '' && sendInitialEvents === undefined) {
    causes.push(
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  } else if (match !== '' && match !== 'NotOlderThan') causes.push(unsupported(match, '"NotOlderThan"'));
  refuse(causes);
  const version = resourceVersion === '' ? 0 : parseWatchVersion(resourceVersion, versions);
  const bookmarks = isTrue(request.query.allowWatchBookmarks);
  const wanted = sendInitialEvents === undefined ? undefined : isTrue(sendInitialEvents);
  return {
    version,
    initial: wanted ?? version === 0,
    initialEnd: wanted === true && bookmarks,
    bookmarks,
    timeout: readTimeout(request),
  };
}

function parseWatchVersion(text: string, versions: VersionCounter): number {
  try {
    return versions.parse(text);
  } catch (cause) {
    if (cause instanceof StatusError)
      throw new StatusError({ code: 500, reason: '', message: cause.message });
    throw cause;
  }
}

/** 504, as an answer or as an ERROR event: the version asked for is not there yet. */
export function tooLarge(version: string, current: string): StatusError {
  return new StatusError({
    code: 504,
    message: `Timeout: Too large resource version: ${version}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** 410: the version asked for is forgotten; the token goes on without it. */
export function expired(message: string, token?: string): StatusError {
  return new StatusError({ code: 410, message, ...(token !== undefined && { continue: token }) });
}
