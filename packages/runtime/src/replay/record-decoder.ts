/** Owns the step from a record to its event: objects stay bytes where they can, as they did when they were recorded. */
import type { KubernetesObject } from '@firn/core';
import type { PackExpectation, PackedResource, Packer } from '@firn/core/engine';
import type { LogEvent, LoggedObject } from '../event-log/log-event.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { NESTING_LIMIT } from '../transport/value-scanner.ts';

type Packed = PackedResource<KubernetesObject>;

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;

const WRITES = (['ADDED', 'MODIFIED'] as const).map((type) => ({
  type,
  head: Buffer.from(`{"type":"${type}","object":`),
}));
const ITEMS = [
  { event: { type: 'REPLACED', part: 'items' }, head: headOfItems('REPLACED') },
  { event: { type: 'CHECKPOINT', part: 'items' }, head: headOfItems('CHECKPOINT') },
] as const;

function headOfItems(type: string): Buffer {
  return Buffer.from(`{"type":"${type}","part":"items","objects":[`);
}

/**
 * Decodes the records of one resource. What is written as firn writes it is not parsed; all else is, so that whatever
 * is wrong is refused in the same words.
 */
export class RecordDecoder {
  readonly #packer: Packer;
  readonly #apiVersion: string;
  #expected: PackExpectation | undefined;

  /** @param gvr - `group/version/resource`. */
  constructor(packer: Packer, gvr: string) {
    this.#packer = packer;
    this.#apiVersion = gvr.slice(0, gvr.lastIndexOf('/'));
  }

  /** @throws {EventLogError} `RECORD_MALFORMED`. */
  decode(record: LogRecord): LogEvent {
    const packed = this.#expected === undefined ? undefined : this.#packed(record, this.#expected);
    if (packed !== undefined) return packed;
    const event = record.parse();
    if (this.#expected === undefined) this.#learn(event);
    return event;
  }

  /** All objects of a resource are of one kind, which is known when the first of them has been seen. */
  #learn(event: LogEvent): void {
    if (event.type === 'DELETED') return;
    const object = 'object' in event ? event.object : 'objects' in event ? event.objects[0] : undefined;
    const kind = (object as KubernetesObject | undefined)?.kind;
    const apiVersion = (object as KubernetesObject | undefined)?.apiVersion;
    if (typeof kind !== 'string' || apiVersion !== this.#apiVersion) return;
    this.#expected = { apiVersion, kind, mayBeUnnamed: false, maxDepth: NESTING_LIMIT };
  }

  #packed(record: LogRecord, expected: PackExpectation): LogEvent | undefined {
    const { chunk, start, end } = record.place;
    for (const { type, head } of WRITES) {
      if (!isAt(chunk, start, head)) continue;
      const object = this.#packer.pack<KubernetesObject>(chunk, start + head.length, expected);
      if (object === undefined) return undefined;
      const more = restOf(chunk, this.#packer.end, end);
      if (more === undefined) object.release();
      return more && ({ type, object, ...more } as LogEvent);
    }
    for (const { event, head } of ITEMS) {
      if (!isAt(chunk, start, head)) continue;
      const objects: Packed[] = [];
      const at = this.#items(chunk, start + head.length, expected, objects);
      const more = at === undefined ? undefined : restOf(chunk, at, end);
      if (more === undefined) for (const object of objects) object.release();
      return more && ({ ...event, objects: objects as LoggedObject[], ...more } as LogEvent);
    }
    return undefined;
  }

  /** Packs the elements of an array; gives the index behind its bracket. */
  #items(chunk: Buffer, from: number, expected: PackExpectation, objects: Packed[]): number | undefined {
    for (let at = from; ; at++) {
      const object = this.#packer.pack<KubernetesObject>(chunk, at, expected);
      if (object === undefined) return undefined;
      objects.push(object);
      at = this.#packer.end;
      if (chunk[at] === CLOSE_ARRAY) return at + 1;
      if (chunk[at] !== COMMA) return undefined;
    }
  }
}

/** The members behind what was packed: none, for most records. */
function restOf(chunk: Buffer, at: number, end: number): Record<string, unknown> | undefined {
  if (at === end - 1 && chunk[at] === CLOSE_OBJECT) return {};
  if (chunk[at] !== COMMA) return undefined;
  try {
    return JSON.parse(`{${chunk.toString('utf8', at + 1, end)}`) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function isAt(bytes: Buffer, from: number, head: Buffer): boolean {
  for (let i = head.length - 1; i >= 0; i--) if (bytes[from + i] !== head[i]) return false;
  return true;
}
