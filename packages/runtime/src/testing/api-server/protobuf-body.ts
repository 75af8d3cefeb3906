/**
 * Owns objects that clients send in Kubernetes' protobuf encoding, which kubectl's own create commands and the typed
 * clients of Go do: the kinds that those commands make, and what a delete is told. Other kinds are refused, as are
 * fields that are not known here: nothing is ever lost silently.
 */
import type { Field, FieldKind, Schema } from './protobuf-fields.ts';
import { DELETE_OPTIONS, OBJECT_SCHEMAS } from './protobuf-schemas.ts';
import { StatusError } from './status-error.ts';

const ENVELOPE: Schema = {
  1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
  3: ['contentEncoding', 'string'],
  4: ['contentType', 'string'],
};
const MAGIC = Buffer.from('k8s\0');

function refused(why: string): StatusError {
  return new StatusError({
    code: 415,
    message: `the embedded API server cannot read this protobuf body (${why}); send JSON or YAML`,
    details: {},
  });
}

/** One value off the wire: a number, or the bytes of anything longer. */
type WireValue = number | Buffer;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A field's number and value. */
  next(): { number: number; value: WireValue } {
    const tag = this.#varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) return { number, value: this.#varint() };
    if (wireType !== 2) throw refused(`wire type ${wireType}`);
    const length = this.#varint();
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    if (value.length < length) throw refused('it is truncated');
    this.#at += length;
    return { number, value };
  }

  #varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw refused('it is truncated');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw refused('a number is too long');
  }
}

function asBytes(value: WireValue): Buffer {
  if (typeof value === 'number') throw refused('a number where bytes belong');
  return value;
}

function asNumber(value: WireValue): number {
  if (typeof value !== 'number') throw refused('bytes where a number belongs');
  return value;
}

type MapKind = 'map' | 'bytes-map' | 'quantity-map';

const QUANTITY: Schema = { 1: ['text', 'string'] };

function decodeQuantity(value: WireValue): string {
  const { text = '0' } = decodeMessage(QUANTITY, asBytes(value));
  return text as string;
}

const MAP_VALUES: Readonly<Record<MapKind, (value: WireValue) => string>> = {
  map: (value) => asBytes(value).toString(),
  'bytes-map': (value) => asBytes(value).toString('base64'),
  'quantity-map': decodeQuantity,
};

function decodeMapEntry(kind: MapKind, value: WireValue): [string, string] {
  const reader = new Reader(asBytes(value));
  const parts = { 1: '', 2: '' };
  while (!reader.isDone) {
    const field = reader.next();
    if (field.number === 1) parts[1] = asBytes(field.value).toString();
    else parts[2] = MAP_VALUES[kind](field.value);
  }
  return [parts[1], parts[2]];
}

const INT_OR_STRING: Schema = { 1: ['isText', 'integer'], 2: ['number', 'count'], 3: ['text', 'string'] };

function decodeIntOrString(value: WireValue): string | number {
  const { isText, number, text = '' } = decodeMessage(INT_OR_STRING, asBytes(value));
  return isText === undefined ? Number(number ?? 0) : String(text);
}

function decodeValue(kind: Exclude<FieldKind, MapKind>, value: WireValue): unknown {
  switch (kind) {
    case 'string':
      return asBytes(value).toString();
    case 'bytes':
      return asBytes(value);
    case 'boolean':
      return value !== 0;
    case 'flag':
      return value === 0 ? undefined : true;
    case 'integer':
      return value === 0 ? undefined : asNumber(value);
    case 'count':
      return asNumber(value);
    case 'quantity':
      return decodeQuantity(value);
    case 'int-or-string':
      return decodeIntOrString(value) || undefined;
    case 'count-or-string':
      return decodeIntOrString(value);
    case 'ignored':
      return undefined;
    default:
      return decodeMessage(kind, asBytes(value));
  }
}

function addField(message: Map<string, unknown>, field: Field, value: WireValue): void {
  const [name, kind, repeated] = field;
  if (kind === 'map' || kind === 'bytes-map' || kind === 'quantity-map') {
    const entries = (message.get(name) ?? {}) as Record<string, string>;
    const [key, text] = decodeMapEntry(kind, value);
    message.set(name, { ...entries, [key]: text });
    return;
  }
  const decoded = decodeValue(kind, value);
  if (name === '')
    for (const [inner, content] of Object.entries(decoded as object)) message.set(inner, content);
  else if (repeated) message.set(name, [...((message.get(name) ?? []) as unknown[]), decoded]);
  // Go's encoder writes empty strings out; in JSON they are left out.
  else if (decoded !== '' && decoded !== undefined) message.set(name, decoded);
}

function decodeMessage(schema: Schema, bytes: Buffer): Record<string, unknown> {
  const message = new Map<string, unknown>();
  const reader = new Reader(bytes);
  while (!reader.isDone) {
    const { number, value } = reader.next();
    const field = schema[number];
    if (!field) throw refused(`field ${number} is not known`);
    addField(message, field, value);
  }
  return Object.fromEntries(message);
}

function schemaOf(apiVersion: string, kind: string): Schema | undefined {
  if (kind === 'DeleteOptions') return DELETE_OPTIONS;
  const name = `${apiVersion}/${kind}`;
  return Object.hasOwn(OBJECT_SCHEMAS, name) ? OBJECT_SCHEMAS[name] : undefined;
}

/** @throws {StatusError} 415 for anything that this decoder does not fully understand. */
export function decodeProtobufBody(body: Buffer): unknown {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw refused('it does not begin as it should');
  const envelope = decodeMessage(ENVELOPE, body.subarray(MAGIC.length));
  const { apiVersion = '', kind = '' } = (envelope.typeMeta ?? {}) as Record<string, string>;
  const schema = schemaOf(apiVersion, kind);
  if (!schema) throw refused('it is of a kind that is read from JSON only');
  return { apiVersion, kind, ...decodeMessage(schema, (envelope.raw ?? Buffer.alloc(0)) as Buffer) };
}
