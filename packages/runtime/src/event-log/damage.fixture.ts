/** Owns what can happen to the files of a log: bits, bytes, lines and segments that change, go, or come twice. */
import fc from 'fast-check';
import { FOLDER, type MemoryFileSystem } from './memory-file-system.fixture.ts';

/** One thing that happens; places are shares of what there is. */
export interface Damage {
  readonly segment: number;
  readonly how: string;
  readonly at: number;
  readonly to: number;
  readonly byte: number;
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Any of it. */
export const damage: fc.Arbitrary<Damage> = fc.record({
  segment: place,
  how: fc.constantFrom(
    'flip',
    'cut',
    'insert',
    'duplicate-bytes',
    'swap-bytes',
    'drop-line',
    'duplicate-line',
    'swap-lines',
    'drop-segment',
    'swap-segments',
  ),
  at: place,
  to: place,
  byte: fc.integer({ min: 1, max: 255 }),
});

/** Does it. */
export async function inflict(files: MemoryFileSystem, damage: Damage): Promise<void> {
  const names = files.names(FOLDER);
  const name = names[Math.floor(damage.segment * names.length)];
  const other = names[Math.floor(damage.to * names.length)];
  if (name === undefined || other === undefined) return;
  const path = `${FOLDER}/${name}`;
  if (damage.how === 'drop-segment') {
    // One is left, so that it is a log at all.
    if (names.length > 1) await files.remove(path);
  } else if (damage.how === 'swap-segments') {
    const bytes = files.contents(path);
    files.put(path, files.contents(`${FOLDER}/${other}`));
    files.put(`${FOLDER}/${other}`, bytes);
  } else if (damage.how.endsWith('line') || damage.how.endsWith('lines')) {
    files.put(
      path,
      damagedLines(
        files
          .contents(path)
          .toString('latin1')
          .split(/(?<=\n)/),
        damage,
      ),
    );
  } else files.put(path, damagedBytes(files.contents(path), damage));
}

function damagedLines(lines: string[], { how, at, to }: Damage): Buffer {
  const index = Math.floor(at * lines.length);
  const other = Math.floor(to * lines.length);
  const line = lines[index] ?? '';
  if (how === 'drop-line') lines.splice(index, 1);
  else if (how === 'duplicate-line') lines.splice(other, 0, line);
  else {
    lines[index] = lines[other] ?? '';
    lines[other] = line;
  }
  return Buffer.from(lines.join(''), 'latin1');
}

function damagedBytes(bytes: Buffer, { how, at, to, byte }: Damage): Buffer {
  const index = Math.floor(at * bytes.length);
  const other = Math.floor(to * bytes.length);
  const [first, last] = [Math.min(index, other), Math.max(index, other)];
  const copy = Buffer.from(bytes);
  switch (how) {
    case 'flip':
      copy[index] = (copy[index] ?? 0) ^ byte;
      return copy;
    case 'cut':
      return Buffer.concat([bytes.subarray(0, first), bytes.subarray(last)]);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, index), Buffer.of(byte), bytes.subarray(index)]);
    case 'duplicate-bytes':
      return Buffer.concat([bytes.subarray(0, last), bytes.subarray(first)]);
    default:
      copy[index] = bytes[other] ?? 0;
      copy[other] = bytes[index] ?? 0;
      return copy;
  }
}
