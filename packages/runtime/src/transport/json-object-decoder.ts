/** Owns the decoder that parses each object at once. */
import { ProtocolError } from '@firn/core';
import { visibleText } from '../visible-text.ts';
import { readStatusObject } from './kubernetes-status.ts';
import type { ItemDefaults, ParsingDecoder, ServedObject, WatchFrame } from './object-decoder.ts';
import { isJsonObject, parseJsonBytes } from './parse-json-bytes.ts';
import { isTooDeep, NESTING_LIMIT } from './value-scanner.ts';

/** What a decoder expects of the objects it is given. */
export interface ObjectExpectation {
  /** `apiVersion` of the resource, such as `networking.k8s.io/v1`. */
  readonly apiVersion: string;
  /** `kind` of the resource; any when left out. */
  readonly kind?: string | undefined;
  /** Objects come as `PartialObjectMetadata` and are given the resource's own apiVersion and kind (rule 23). */
  readonly metadataOnly?: boolean | undefined;
}

/** A frame wraps its object in one more level: an object that a list may have must pass in a watch too. */
const FRAME_NESTING_LIMIT = NESTING_LIMIT + 1;
const PARTIAL = 'PartialObjectMetadata';
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type JsonObject = Record<string, unknown>;

function refuse(code: string, message: string): ProtocolError {
  return new ProtocolError(message, { code });
}

function assertText(metadata: JsonObject, name: 'namespace' | 'uid'): void {
  const value = metadata[name];
  if (value !== undefined && typeof value !== 'string') {
    throw refuse(
      'INVALID_METADATA',
      `An object's metadata.${name} is not a string. The server breaks the API.`,
    );
  }
}

function resourceVersionOf(metadata: JsonObject, what: string): string {
  const resourceVersion = metadata.resourceVersion;
  if (typeof resourceVersion === 'string' && resourceVersion !== '') return resourceVersion;
  throw refuse(
    'MISSING_RESOURCE_VERSION',
    `${what} has no metadata.resourceVersion, or it is not a string. Without one the watch cannot go on from it.`,
  );
}

function metadataOf(object: JsonObject, what: string): JsonObject {
  const metadata = object.metadata;
  if (isJsonObject(metadata)) return metadata;
  throw refuse('INVALID_METADATA', `${what} has no metadata. The server breaks the API.`);
}

function assertServed(object: JsonObject, what: string): asserts object is JsonObject & ServedObject {
  const metadata = metadataOf(object, what);
  if (typeof metadata.name !== 'string' || metadata.name === '') {
    throw refuse('INVALID_METADATA', `${what} has no metadata.name, or it is not a string.`);
  }
  assertText(metadata, 'namespace');
  assertText(metadata, 'uid');
  if (`${metadata.name}${metadata.namespace ?? ''}`.includes('\0')) {
    throw refuse(
      'INVALID_METADATA',
      `${what} has a NUL in its name or namespace. The server breaks the API.`,
    );
  }
  resourceVersionOf(metadata, what);
}

function parseBounded(bytes: Uint8Array, what: string, limit: number): unknown {
  if (isTooDeep(bytes, limit))
    throw refuse('NESTING_TOO_DEEP', `${what} nests deeper than ${NESTING_LIMIT} levels.`);
  return parseJsonBytes(bytes, what);
}

/** Parses with `JSON.parse` and checks identity, resource version and kind. */
class JsonObjectDecoder implements ParsingDecoder {
  readonly #apiVersion: string;
  readonly #kind: string | undefined;
  readonly #metadataOnly: boolean;

  constructor(expected: ObjectExpectation) {
    this.#apiVersion = expected.apiVersion;
    this.#kind = expected.kind;
    this.#metadataOnly = expected.metadataOnly ?? false;
  }

  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): ServedObject {
    const item = parseJsonBytes(bytes, 'An item of the list');
    if (!isJsonObject(item)) throw refuse('NOT_AN_OBJECT', 'An item of the list is not a JSON object.');
    return this.#served(item, defaults, 'An item of the list');
  }

  decodeObject(bytes: Uint8Array): ServedObject {
    const object = parseBounded(bytes, 'The response', NESTING_LIMIT);
    if (!isJsonObject(object)) throw refuse('NOT_AN_OBJECT', 'The response is not a JSON object.');
    return this.#served(object, {}, 'The object in the response');
  }

  decodeWatchFrame(bytes: Uint8Array): WatchFrame<ServedObject, ServedObject> {
    const frame = parseBounded(bytes, 'A frame of the watch', FRAME_NESTING_LIMIT);
    if (!isJsonObject(frame) || !isJsonObject(frame.object)) throw this.#notAnEvent(frame);
    const object = frame.object;
    switch (frame.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return { type: frame.type, object: this.#served(object, {}, 'An object of the watch') };
      case 'BOOKMARK':
        return this.#bookmark(object);
      case 'ERROR':
        return { type: 'ERROR', status: readStatusObject(object, 500) };
      default:
        throw this.#notAnEvent(frame);
    }
  }

  #served(object: JsonObject, defaults: ItemDefaults, what: string): ServedObject {
    const { apiVersion, kind } = this.#names(object, defaults);
    assertServed(object, what);
    if (object.apiVersion === apiVersion && object.kind === kind) return object;
    if (kind === undefined) return { apiVersion, ...object };
    const named = { apiVersion, kind, ...object };
    named.apiVersion = apiVersion;
    named.kind = kind;
    return named;
  }

  /** The apiVersion and kind that the object is to have; compares only what is there (rule 8). */
  #names(object: JsonObject, defaults: ItemDefaults): { apiVersion: string; kind: string | undefined } {
    const kind = object.kind ?? defaults.kind;
    if (this.#metadataOnly && kind === PARTIAL)
      return { apiVersion: this.#apiVersion, kind: this.#kind ?? PARTIAL };
    const apiVersion = object.apiVersion ?? defaults.apiVersion ?? this.#apiVersion;
    const wanted = this.#kind ?? defaults.kind ?? kind;
    if (apiVersion !== this.#apiVersion || kind !== wanted) throw this.#wrongKind(apiVersion, kind);
    return { apiVersion: this.#apiVersion, kind: typeof wanted === 'string' ? wanted : undefined };
  }

  #bookmark(object: JsonObject): WatchFrame<ServedObject, ServedObject> {
    const metadata = metadataOf(object, 'A bookmark');
    const annotations = metadata.annotations;
    return {
      type: 'BOOKMARK',
      resourceVersion: resourceVersionOf(metadata, 'A bookmark'),
      initialEventsEnd: isJsonObject(annotations) && annotations[INITIAL_EVENTS_END] === 'true',
    };
  }

  #wrongKind(apiVersion: unknown, kind: unknown): ProtocolError {
    const got = visibleText(`${String(apiVersion)} ${String(kind)}`, 120);
    const hint =
      kind === 'Table' ? ' A Table is made for people: something in between changes the Accept header.' : '';
    return refuse(
      'WRONG_KIND',
      `The server sent an object of kind ${got} instead of ${this.#apiVersion} ${this.#kind ?? ''}.${hint}`,
    );
  }

  #notAnEvent(frame: unknown): ProtocolError {
    return refuse(
      'NOT_A_WATCH_EVENT',
      `A line of the watch is not an event${whyNoEvent(frame)}. Check the server's address and any proxy in between.`,
    );
  }
}

function whyNoEvent(frame: unknown): string {
  if (!isJsonObject(frame)) return '';
  const { type, kind, object } = frame;
  if (typeof kind === 'string') return ` but an object of kind ${visibleText(kind, 80)}`;
  if (typeof type !== 'string') return ': it has no type';
  if (isJsonObject(object)) return `: its type is ${visibleText(type, 80)}`;
  return `: it is of type ${visibleText(type, 80)} and has no object`;
}

/**
 * A decoder for the objects of one resource.
 *
 * @example
 * ```ts
 * const decoder = createObjectDecoder({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' });
 * decoder.decodeWatchFrame(frame); // { type: 'ADDED', object: … }
 * ```
 */
export function createObjectDecoder(expected: ObjectExpectation): ParsingDecoder {
  return new JsonObjectDecoder(expected);
}
