/** Owns fuzzing: kept inputs are tried first, then generated ones and what mutations make of both. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, it } from 'vitest';

/** What is fuzzed. */
export interface FuzzTarget {
  /** The folder of its corpus. */
  readonly name: string;
  /** Inputs that are mostly in order. */
  readonly generated: fc.Arbitrary<Buffer>;
  /** What mutations put in: whatever means something to the target. None: nothing is mutated. */
  readonly tokens: readonly string[];
  /** How many inputs are tried; `FIRN_FUZZ=50` tries fifty times as many. */
  readonly runs: number;
  /** Throws where the target does not withstand the input. `cuts` say where the input may be cut into chunks. */
  readonly check: (input: Buffer, cuts: readonly number[]) => void | Promise<void>;
}

const CORPUS = fileURLToPath(new URL('fuzz-corpus', import.meta.url));
const FACTOR = Number(process.env.FIRN_FUZZ ?? 1);
/** Nothing that is tried grows beyond this. */
const LONGEST = 64 * 1024;

interface Mutation {
  readonly how: (typeof HOW)[number];
  readonly at: number;
  readonly to: number;
  readonly byte: number;
  readonly token: string;
}

const HOW = [
  'flip',
  'cut',
  'put',
  'overwrite',
  'repeat-token',
  'duplicate',
  'swap',
  'move',
  'truncate',
] as const;

function mutate(bytes: Buffer, { how, at, to, byte, token }: Mutation): Buffer {
  const one = Math.floor(at * bytes.length);
  const other = Math.floor(to * bytes.length);
  const [first, last] = [Math.min(one, other), Math.max(one, other)];
  const join3 = (middle: Uint8Array, from = first, on = last): Buffer =>
    Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(on)]);
  const put = Buffer.from(token);
  switch (how) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[one] = (copy[one] ?? 0) ^ byte;
      return copy;
    }
    case 'cut':
      return join3(Buffer.alloc(0));
    case 'put':
      return join3(put, one, one);
    case 'overwrite':
      return join3(put, one, one + put.length);
    case 'repeat-token':
      return join3(Buffer.from(token.repeat(byte * 5)), one, one);
    case 'duplicate':
      return join3(bytes.subarray(first, last), last, last);
    case 'swap': {
      const copy = Buffer.from(bytes);
      copy.set(bytes.subarray(one, one + 1), other);
      copy.set(bytes.subarray(other, other + 1), one);
      return copy;
    }
    case 'move':
      return Buffer.concat([bytes.subarray(first, last), bytes.subarray(0, first), bytes.subarray(last)]);
    case 'truncate':
      return bytes.subarray(0, one);
  }
}

function mutated(tokens: readonly string[]): fc.Arbitrary<readonly Mutation[]> {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const mutation = fc.record({
    how: fc.constantFrom(...HOW),
    at: place,
    to: place,
    byte: fc.integer({ min: 1, max: 255 }),
    token: fc.constantFrom(...tokens, ''),
  });
  return fc.array(mutation, { maxLength: tokens.length === 0 ? 0 : 5 });
}

/** The bytes in pieces. */
export function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
}

/** With `FIRN_FUZZ_KEEP` set, an input that was not withstood becomes part of the corpus. */
function keep(folder: string, input: Buffer): string {
  const file = join(folder, `failure-${createHash('sha256').update(input).digest('hex').slice(0, 8)}`);
  if (process.env.FIRN_FUZZ_KEEP === undefined) return 'FIRN_FUZZ_KEEP=1 puts this input into the corpus';
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, input);
  return `kept as ${file}`;
}

/** Declares the tests of a target. */
export function fuzz({ name, generated, tokens, runs, check }: FuzzTarget): void {
  const folder = join(CORPUS, name);
  const files = readdirSync(folder).sort();
  const seeds = files.map((file) => readFileSync(join(folder, file)));
  const base = fc.oneof({ arbitrary: generated, weight: 2 }, fc.constantFrom(...seeds));
  const inputs = fc
    .tuple(base, mutated(tokens))
    .map(([bytes, mutations]) => mutations.reduce(mutate, bytes).subarray(0, LONGEST));
  const cuts = fc.array(fc.nat(), { maxLength: 8 });

  describe(`${name} withstands`, () => {
    it.each(files)('%s', async (file) => {
      const bytes = readFileSync(join(folder, file));
      await check(bytes, []);
      await check(
        bytes,
        Array.from({ length: Math.min(bytes.length, 4096) }, (_, at) => at),
      );
    });

    it('whatever is generated, and what mutations make of it', async () => {
      const property = fc.asyncProperty(inputs, cuts, async (input, places) => check(input, places));
      const details = await fc.check(property, { numRuns: Math.ceil(runs * FACTOR) });
      if (!details.failed) return;
      const [input] = details.counterexample ?? [Buffer.alloc(0)];
      const shown = JSON.stringify(input.toString('latin1').slice(0, 2000));
      const { seed, counterexamplePath: path, numRuns } = details;
      const reason = details.errorInstance;
      throw new Error(
        `After ${numRuns} inputs (seed ${seed}, path ${path}), ${keep(folder, input)}: ${shown}\n${reason instanceof Error ? reason.stack : reason}`,
        { cause: reason },
      );
    });
  });
}
