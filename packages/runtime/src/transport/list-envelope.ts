/** Owns what a list says of itself, apart from its items. */
import { ProtocolError } from '@firn/core';
import { visibleText } from '../visible-text.ts';
import { isJsonObject } from './parse-json-bytes.ts';

/** The `metadata` of a list, as far as firn reads it; what is absent or empty on the wire is absent here. */
export interface ListMetadata {
  readonly resourceVersion?: string;
  /** Token of the next page; absent on the last one. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly selfLink?: string;
  /** What a sharded list covers (rule 26), as the server sent it. */
  readonly shardInfo?: Readonly<Record<string, unknown>>;
}

/** A list without its items. */
export interface ListEnvelope {
  /** Such as `IngressList`. */
  readonly kind: string;
  readonly apiVersion?: string;
  readonly metadata: ListMetadata;
}

/** How a body that is no list is refused; `contentType` is that of the response. */
export function notAList(why: string, contentType: string | undefined, offset?: number): ProtocolError {
  const sent = contentType === undefined ? '' : ` (content type ${visibleText(contentType, 80)})`;
  return new ProtocolError(
    `The response to a list request is not a list: ${why}${sent}. Check the server's address and any proxy in between.`,
    { code: 'NOT_A_LIST', offset },
  );
}

/**
 * Checks that a `kind` is that of a list.
 *
 * @throws {ProtocolError} `NOT_A_LIST` for everything that does not end in `List`, `Table` and `Status` among it.
 */
export function assertListKind(kind: unknown, contentType: string | undefined): asserts kind is string {
  if (typeof kind !== 'string') throw notAList('it has no kind', contentType);
  if (kind === 'Table')
    throw notAList('the server answered with a Table, which is made for people', contentType);
  if (!kind.endsWith('List')) throw notAList(`its kind is ${visibleText(kind, 80)}`, contentType);
}

function text(metadata: Record<string, unknown>, name: string): string | undefined {
  const value = metadata[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new ProtocolError(
    `metadata.${name} of the list is not a string. The server breaks the list protocol.`,
    {
      code: 'INVALID_LIST_METADATA',
    },
  );
}

/**
 * The envelope, from the members of a list other than `items`.
 *
 * @throws {ProtocolError} `NOT_A_LIST`, or `INVALID_LIST_METADATA` for members of the wrong type.
 */
export function readListEnvelope(
  members: ReadonlyMap<string, unknown>,
  contentType: string | undefined,
): ListEnvelope {
  const kind = members.get('kind');
  assertListKind(kind, contentType);
  const apiVersion = members.get('apiVersion');
  const given = members.get('metadata') ?? {};
  if (!isJsonObject(given)) {
    throw new ProtocolError('metadata of the list is not an object. The server breaks the list protocol.', {
      code: 'INVALID_LIST_METADATA',
    });
  }
  const resourceVersion = text(given, 'resourceVersion');
  const next = text(given, 'continue');
  const selfLink = text(given, 'selfLink');
  const remaining = given.remainingItemCount;
  return {
    kind,
    ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
    metadata: {
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(next === undefined ? {} : { continue: next }),
      ...(typeof remaining === 'number' ? { remainingItemCount: remaining } : {}),
      ...(selfLink === undefined ? {} : { selfLink }),
      ...(isJsonObject(given.shardInfo) ? { shardInfo: given.shardInfo } : {}),
    },
  };
}
