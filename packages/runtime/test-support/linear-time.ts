/**
 * Owns the program that measures what a byte costs each reader, of ordinary input and of input made to be slow: what a
 * hundred times as much costs must be a hundred times as much. Run by `pnpm bench linear`, or by itself:
 * `node --conditions=@firn/source packages/runtime/test-support/linear-time.ts`.
 */
import { createIndexer } from '@firn/core';
import { Packer } from '@firn/core/engine';
import { loadWatchedResources } from '../src/config/load-watched-resources.ts';
import { framedLine } from '../src/event-log/line-frame.ts';
import { FrameReader } from '../src/event-log/log-record.ts';
import { SegmentScanner } from '../src/event-log/segment-scanner.ts';
import { WatchFrameTaker } from '../src/reflector/watch-frame-taker.ts';
import { FrameSplitter } from '../src/transport/frame-splitter.ts';
import { KindLearningDecoder } from '../src/transport/kind-learning-decoder.ts';
import { ListSplitter } from '../src/transport/list-splitter.ts';
import type { Decoded, WatchFrame } from '../src/transport/object-decoder.ts';
import { PackingDecoder } from '../src/transport/packing-decoder.ts';

const MB = 1_000_000;
const CHUNK = 64 * 1024;
/** What a single object may have at most, with some room. */
const LARGEST = 15 * MB;
const EXPECTED = { apiVersion: 'v1', kind: 'Secret' };
const LEVELS = 500;

/** Makes the text of one thing that is about so many bytes long. */
type Piece = (bytes: number) => string;

/** What a reader is given, again and again until there is as much as is wanted. */
interface Input {
  readonly piece: Piece;
  /** Bytes of one piece. */
  readonly bytes: number;
}

interface Reader {
  readonly sizes: readonly number[];
  readonly inputs: Readonly<Record<string, Input>>;
  /** Reads so many bytes, made of the pieces. */
  read(input: Input, size: number): void;
}

const metadata = '"metadata":{"name":"a","namespace":"shop","uid":"u","resourceVersion":"12"}';
const object = (rest: string): string => `{"apiVersion":"v1","kind":"Secret",${metadata}${rest}}`;
const filled = (unit: string, bytes: number): string =>
  unit.repeat(Math.max(1, Math.ceil(bytes / unit.length)));

/** Objects, ordinary and not. */
const OBJECTS: Readonly<Record<string, Input>> = {
  ordinary: {
    piece: (bytes) => object(`,"data":{${filled('"some.key":"c29tZSB2YWx1ZQ==",', bytes)}"last":""}`),
    bytes: 2000,
  },
  tiny: { piece: () => object(''), bytes: 120 },
  'one string': { piece: (bytes) => object(`,"x":"${filled('x', bytes)}"`), bytes: LARGEST },
  'escapes only': { piece: (bytes) => object(`,"x":"${filled('\\u0041\\"\\\\', bytes)}"`), bytes: LARGEST },
  'deeply nested': {
    piece: (bytes) => object(`,"x":[${filled(`${'['.repeat(LEVELS)}${']'.repeat(LEVELS)},`, bytes)}0]`),
    bytes: 100_000,
  },
  'members only': {
    piece: (bytes) =>
      object(`,"data":{${Array.from({ length: Math.ceil(bytes / 14) }, (_, i) => `"k${i}":""`).join(',')}}`),
    bytes: LARGEST,
  },
  'members twice': { piece: (bytes) => object(`,${filled(`${metadata},`, bytes)}"x":0`), bytes: 100_000 },
  'white space': { piece: (bytes) => object(`,"x":${filled(' ', bytes)}0`), bytes: LARGEST },
  'not ASCII': { piece: (bytes) => object(`,"x":"${filled('ü', bytes / 2)}"`), bytes: LARGEST },
};

function chunksOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) =>
    bytes.subarray(i * CHUNK, (i + 1) * CHUNK),
  );
}

/** The pieces as bytes: about a megabyte of small ones, or one large one. */
function bytesOf({ piece, bytes }: Input, size: number, separator: string): Buffer {
  const one = piece(Math.min(bytes, size)) + separator;
  return Buffer.from(filled(one, Math.min(size, MB)));
}

function decoder(): PackingDecoder {
  const indexer = createIndexer({ ignoreFields: ['metadata.managedFields'] });
  return new PackingDecoder('v1', new Packer(indexer), new KindLearningDecoder(EXPECTED), 'Secret');
}

/** What nobody keeps. */
function letGo(read: Decoded | WatchFrame): void {
  const held = 'object' in read ? read.object : read;
  if (held !== undefined && 'release' in held) (held as { release(): void }).release();
}

const watch: Reader = {
  sizes: [MB, 10 * MB, 100 * MB],
  inputs: {
    ...Object.fromEntries(
      Object.entries(OBJECTS).map(([name, { piece, bytes }]) => [
        name,
        { piece: (size: number) => `{"type":"ADDED","object":${piece(size)}}`, bytes },
      ]),
    ),
    'no frame': { piece: () => '', bytes: 1 },
  },
  read(input, size) {
    const bytes = bytesOf(input, size, '\n');
    const frames = decoder();
    const splitter = new FrameSplitter();
    const taker = new WatchFrameTaker(frames);
    for (let read = 0; read < size; read += bytes.length)
      for (const chunk of chunksOf(bytes))
        for (const frame of splitter.push(chunk, taker))
          letGo(frame instanceof Uint8Array ? frames.decodeWatchFrame(frame) : frame);
  },
};

const list: Reader = {
  sizes: [MB, 10 * MB, 100 * MB],
  inputs: {
    ...OBJECTS,
    'between items': { piece: () => `${object('')}${' '.repeat(100_000)}`, bytes: 100_000 },
  },
  read(input, size) {
    const bytes = bytesOf(input, size, ',');
    const items = decoder();
    const splitter = new ListSplitter();
    let end = 0;
    const taker = {
      take(chunk: Uint8Array, from: number): Decoded | undefined {
        const taken = items.takeListItem(chunk, from, EXPECTED);
        end = taken?.end ?? end;
        return taken?.item;
      },
      get end(): number {
        return end;
      },
    };
    splitter.push(Buffer.from('{"kind":"SecretList","apiVersion":"v1","items":['));
    for (let read = 0; read < size; read += bytes.length)
      for (const chunk of chunksOf(bytes))
        for (const item of splitter.push(chunk, taker))
          letGo(item instanceof Uint8Array ? items.decodeListItem(item, EXPECTED) : item);
  },
};

/** Lines of a log; whatever is wrong with one, all that follow are looked at. */
const log: Reader = {
  sizes: [MB, 10 * MB, 100 * MB],
  inputs: {
    'ordinary, behind damage': { piece: (bytes) => line(object(`,"x":"${filled('x', bytes)}"`)), bytes: 500 },
    'tiny lines': { piece: () => '\n', bytes: 1 },
    'one line': { piece: (bytes) => line(object(`,"x":"${filled('x', bytes)}"`)), bytes: LARGEST },
    'no line end': { piece: (bytes) => filled('x', bytes), bytes: LARGEST },
  },
  read(input, size) {
    const bytes = bytesOf(input, size, '');
    const scanner = new SegmentScanner('1.jsonl', 1, new FrameReader(), undefined);
    for (let read = 0; read < size; read += bytes.length)
      for (const chunk of chunksOf(bytes)) scanner.push(chunk);
    scanner.end();
  },
};

function line(json: string): string {
  return framedLine(`{"t":1,"m":1,"n":1,"r":"pods","e":{"type":"ADDED","object":${json}}}`).toString();
}

/** A file of a megabyte is the largest that is read: smaller steps. */
const yaml: Reader = {
  sizes: [8000, 80_000, 800_000],
  inputs: {
    ordinary: {
      piece: () => '  NAME: { api_version: v1, resources: pods, index_by: [metadata.name] }\n',
      bytes: 70,
    },
    'a long list': { piece: () => '  NAME: [a, a, a, a, a, a, a, a]\n', bytes: 32 },
    'a long text': { piece: () => '  NAME: "\\u0041\\u0041\\u0041\\u0041\\u0041"\n', bytes: 42 },
    comments: { piece: () => '# a comment\n', bytes: 12 },
  },
  read({ piece, bytes }, size) {
    const count = Math.ceil((size - 100) / bytes);
    const lines = Array.from({ length: count }, (_, i) => piece(bytes).replace('NAME', `r${i}`));
    try {
      loadWatchedResources(`watched_resources:\n${lines.join('')}`);
    } catch {
      // Most of it is no file of watched resources, and is read to be told so.
    }
  },
};

const READERS: Readonly<Record<string, Reader>> = { watch, list, log, yaml };

/**
 * Nanoseconds a byte, the best of some rounds. Each size is read as often as makes the largest one, so that garbage
 * and caches weigh the same on all of them.
 */
function costsOf({ sizes, read }: Reader, input: Input, rounds: number): number[] {
  const largest = Math.max(...sizes);
  const best = sizes.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, size] of sizes.entries()) {
      const start = performance.now();
      for (let bytes = 0; bytes < largest; bytes += size) read(input, size);
      best[index] = Math.min(best[index] ?? 0, performance.now() - start);
    }
  }
  return best.map((ms) => (ms * 1e6) / largest);
}

const results: { reader: string; input: string; ns: readonly number[]; ratio: number }[] = [];
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('-'));
const asJson = process.argv.includes('--json');
for (const [name, reader] of Object.entries(READERS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const [title, input] of Object.entries(reader.inputs)) {
    // What is compiled on the way must not count for the smallest size.
    reader.read(input, MB / 2);
    const ns = costsOf(reader, input, 3);
    const ratio = (ns.at(-1) ?? 0) / (ns[0] ?? 1);
    results.push({ reader: name, input: title, ns, ratio });
    if (!asJson) {
      const columns = [...ns.map((each) => each.toFixed(2).padStart(8)), ratio.toFixed(2).padStart(6)];
      process.stdout.write(`${name.padEnd(6)} ${title.padEnd(24)} ${columns.join(' ')}\n`);
    }
  }
}
if (asJson) process.stdout.write(`${JSON.stringify(results)}\n`);
