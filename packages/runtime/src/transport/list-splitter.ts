/** Owns the cutting of a list body into the bytes of its items, while the body is still arriving. */
import { ProtocolError } from '@firn/core';
import { FRAME_LIMIT } from './frame-splitter.ts';
import { assertListKind, type ListEnvelope, notAList, readListEnvelope } from './list-envelope.ts';
import { parseJsonBytes } from './parse-json-bytes.ts';
import { PendingBytes } from './pending-bytes.ts';
import { isSpace, NESTING_LIMIT, TOO_DEEP, UNFINISHED, ValueScanner } from './value-scanner.ts';

/** The most bytes of a member other than `items`, and of a key. */
const MEMBER_LIMIT = 1024 * 1024;

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const LESS_THAN = 0x3c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What is awaited next, outside values. */
type Awaited =
  | 'start'
  | 'first-key'
  | 'key'
  | 'colon'
  | 'value'
  | 'after-value'
  | 'first-item'
  | 'item'
  | 'after-item'
  | 'nothing';

/** Finds the end of items and takes them, as far as it can. */
export interface ItemTaker<Item> {
  /** The item that begins at `from`; nothing if it goes on in the next chunk, or has to be cut out and looked at. */
  take(chunk: Uint8Array, from: number): Item | undefined;
  /** The index behind the item taken last. */
  readonly end: number;
}

/** Options of a `ListSplitter`. */
export interface ListSplitterOptions {
  /** The most bytes of one item; 16 MiB when left out. */
  readonly itemLimit?: number;
  /** `content-type` of the response, for the message when the body is no list. */
  readonly contentType?: string | undefined;
}

/**
 * Takes a `…List` body apart on the byte level: the items come out as they are complete, in order; the other members
 * are read whichever way round they come. Every byte is looked at once.
 *
 * The structure around the items is checked here; an item itself is only cut out, and `JSON.parse` checks it.
 *
 * @example
 * ```ts
 * const splitter = new ListSplitter({ contentType: response.headers['content-type'] });
 * for await (const chunk of response.body) for (const item of splitter.push(chunk)) { … }
 * const { metadata } = splitter.end();
 * ```
 */
export class ListSplitter {
  readonly #itemLimit: number;
  readonly #contentType: string | undefined;
  readonly #scanner = new ValueScanner();
  readonly #pending = new PendingBytes();
  readonly #members = new Map<string, unknown>();
  #awaited: Awaited = 'start';
  #scanning: 'key' | 'value' | 'item' | undefined;
  #key = '';
  #hasItems = false;
  #offset = 0;
  #failure: ProtocolError | undefined;

  constructor(options: ListSplitterOptions = {}) {
    this.#itemLimit = options.itemLimit ?? FRAME_LIMIT;
    this.#contentType = options.contentType;
  }

  /** `kind` of the list, such as `IngressList`, once it has been seen. */
  get kind(): string | undefined {
    const kind = this.#members.get('kind');
    return typeof kind === 'string' ? kind : undefined;
  }

  /** `apiVersion` of the list once it has been seen. */
  get apiVersion(): string | undefined {
    const apiVersion = this.#members.get('apiVersion');
    return typeof apiVersion === 'string' ? apiVersion : undefined;
  }

  /** Bytes looked at inside values so far: never more than were pushed. */
  get scanned(): number {
    return this.#scanner.scanned;
  }

  /**
   * The bytes of the items that this chunk completes, in order, or what `taker` made of them. The bytes of an item
   * within one chunk are a view of it.
   *
   * @throws {ProtocolError} `NOT_A_LIST`, `MALFORMED_JSON`, `NESTING_TOO_DEEP`, `FRAME_TOO_LARGE`; with `offset`.
   */
  push<Item = never>(chunk: Uint8Array, taker?: ItemTaker<Item>): (Uint8Array | Item)[] {
    if (this.#failure !== undefined) throw this.#failure;
    const items: (Uint8Array | Item)[] = [];
    let at = 0;
    try {
      while (at < chunk.length) {
        if (this.#scanning !== undefined) at = this.#scan(chunk, at, items);
        else if (isSpace(chunk[at])) at++;
        else if (taker !== undefined && this.#isBeforeItem) at = this.#take(chunk, at, items, taker);
        else at += this.#structure(chunk[at] ?? 0, this.#offset + at);
      }
    } catch (error) {
      if (error instanceof ProtocolError) this.#failure = error;
      this.#pending.clear();
      throw error;
    }
    this.#offset += chunk.length;
    return items;
  }

  /**
   * The body is over: what the list says of itself.
   *
   * @throws {ProtocolError} `TRUNCATED_LIST` when the list is not complete, `NOT_A_LIST` when it has no `…List` kind or
   * no `items`.
   */
  end(): ListEnvelope {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#awaited !== 'nothing') {
      throw new ProtocolError(
        `The list ends after ${this.#offset} bytes, before it is complete. The connection or a proxy cut it off; it is read again.`,
        { code: 'TRUNCATED_LIST', retryable: true, offset: this.#offset },
      );
    }
    const envelope = readListEnvelope(this.#members, this.#contentType);
    if (!this.#hasItems) throw notAList('it has no items', this.#contentType);
    return envelope;
  }

  get #isBeforeItem(): boolean {
    return this.#awaited === 'item' || this.#awaited === 'first-item';
  }

  /** Has a whole item taken, or begins to look for its end; gives the index to go on from. */
  #take<Item>(chunk: Uint8Array, at: number, items: (Uint8Array | Item)[], taker: ItemTaker<Item>): number {
    const item = chunk[at] === OPEN_OBJECT ? taker.take(chunk, at) : undefined;
    if (item === undefined || taker.end - at > this.#itemLimit) {
      return at + this.#structure(chunk[at] ?? 0, this.#offset + at);
    }
    items.push(item);
    this.#awaited = 'after-item';
    return taker.end;
  }

  /** Continues with the key, value or item under way; gives the index behind what was read. */
  #scan(chunk: Uint8Array, at: number, items: unknown[]): number {
    const found = this.#scanner.advance(chunk, at);
    if (found === TOO_DEEP)
      throw this.#error('NESTING_TOO_DEEP', `nests deeper than ${NESTING_LIMIT} levels`, at);
    const end = found === UNFINISHED ? chunk.length : found;
    const limit = this.#scanning === 'item' ? this.#itemLimit : MEMBER_LIMIT;
    if (this.#pending.length + end - at > limit) {
      throw this.#error('FRAME_TOO_LARGE', `has an item or member of more than ${limit} bytes`, at);
    }
    const piece = chunk.subarray(at, end);
    if (found === UNFINISHED) this.#pending.append(piece);
    else this.#complete(this.#pending.takeWith(piece), items, this.#offset + end);
    return end;
  }

  #complete(bytes: Uint8Array, items: unknown[], offset: number): void {
    const what = this.#scanning;
    this.#scanning = undefined;
    if (what === 'item') {
      items.push(bytes);
      this.#awaited = 'after-item';
      return;
    }
    const value = parseJsonBytes(bytes, `Before byte ${offset}, the list`, offset);
    if (what === 'key') {
      this.#key = String(value);
      this.#awaited = 'colon';
    } else {
      this.#member(value, offset);
      this.#awaited = 'after-value';
    }
  }

  #member(value: unknown, offset: number): void {
    if (this.#key === 'items') {
      if (value !== null) throw this.#malformed('has items that are not an array', offset);
      this.#beginItems(offset);
      return;
    }
    if (this.#key === 'kind') assertListKind(value, this.#contentType);
    if (this.#key === 'kind' || this.#key === 'apiVersion' || this.#key === 'metadata') {
      this.#members.set(this.#key, value);
    }
  }

  #beginItems(offset: number): void {
    if (this.#hasItems) throw this.#malformed('has two members named items', offset);
    this.#hasItems = true;
  }

  /** Takes one byte of the structure: 1 if it was used up, 0 if a value begins with it. */
  #structure(byte: number, offset: number): 0 | 1 {
    switch (this.#awaited) {
      case 'start':
        if (byte !== OPEN_OBJECT) throw this.#noObject(byte, offset);
        return this.#await('first-key');
      case 'first-key':
        if (byte === CLOSE_OBJECT) return this.#await('nothing');
        return this.#beginKey(byte, offset);
      case 'key':
        return this.#beginKey(byte, offset);
      case 'colon':
        if (byte === COLON) return this.#await('value');
        throw this.#malformed('has a key without a value', offset);
      case 'value':
        return this.#beginValue(byte, offset);
      case 'after-value':
        if (byte === COMMA) return this.#await('key');
        if (byte === CLOSE_OBJECT) return this.#await('nothing');
        throw this.#malformed('has a comma or a brace missing', offset);
      case 'first-item':
        if (byte === CLOSE_ARRAY) return this.#await('after-value');
        return this.#beginItem(byte, offset);
      case 'item':
        return this.#beginItem(byte, offset);
      case 'after-item':
        if (byte === COMMA) return this.#await('item');
        if (byte === CLOSE_ARRAY) return this.#await('after-value');
        throw this.#malformed('has a comma or a bracket missing between items', offset);
      case 'nothing':
        throw this.#malformed('goes on after its end', offset);
    }
  }

  #await(awaited: Awaited): 1 {
    this.#awaited = awaited;
    return 1;
  }

  #begin(what: 'key' | 'value' | 'item', first: number): 0 {
    this.#scanning = what;
    this.#scanner.start(first);
    return 0;
  }

  #beginKey(byte: number, offset: number): 0 {
    if (byte === QUOTE) return this.#begin('key', byte);
    throw this.#malformed('has no key where one must be', offset);
  }

  #beginValue(byte: number, offset: number): 0 | 1 {
    if (this.#key === 'items' && byte === OPEN_ARRAY) {
      this.#beginItems(offset);
      return this.#await('first-item');
    }
    if (byte === COMMA || byte === COLON || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      throw this.#malformed('has a key without a value', offset);
    }
    return this.#begin('value', byte);
  }

  #beginItem(byte: number, offset: number): 0 {
    if (byte === OPEN_OBJECT) return this.#begin('item', byte);
    throw this.#malformed('has an item that is not an object', offset);
  }

  #noObject(byte: number, offset: number): ProtocolError {
    if (byte === LESS_THAN) {
      return notAList('it looks like an HTML or XML page', this.#contentType, offset);
    }
    return notAList('it does not begin with a JSON object', this.#contentType, offset);
  }

  #malformed(why: string, offset: number): ProtocolError {
    return this.#error('MALFORMED_JSON', why, offset - this.#offset);
  }

  #error(code: string, why: string, at: number): ProtocolError {
    const offset = this.#offset + at;
    return new ProtocolError(
      `The list ${why} (at byte ${offset}). The server or a proxy in between does not send what the API promises.`,
      { code, offset },
    );
  }
}
