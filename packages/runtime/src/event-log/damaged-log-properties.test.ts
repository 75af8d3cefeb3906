import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from './log-event.ts';
import { FOLDER, type MemoryFileSystem, segment } from './memory-file-system.fixture.ts';
import { readLog, record } from './recording.fixture.ts';
import { repairEventLog } from './repair-event-log.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const event: fc.Arbitrary<LogEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'), object: fc.object({ key: text }) }),
  fc.record({ type: fc.constant('BOOKMARK'), resourceVersion: text }),
  fc.record({ type: fc.constant('STATE'), state: fc.dictionary(text, fc.jsonValue()) }),
  fc.record({ type: fc.constant('ERROR'), code: text, message: text }),
) as fc.Arbitrary<LogEvent>;
const appends = fc.array(
  fc.record({
    resource: text,
    events: fc.array(event, { minLength: 1, maxLength: 3 }),
    flushed: fc.boolean(),
  }),
  {
    maxLength: 15,
  },
);

/** A log of random records in one or more segments. */
async function logOf(
  steps: readonly { resource: string; events: readonly LogEvent[]; flushed: boolean }[],
  segmentBytes: number,
): Promise<MemoryFileSystem> {
  const { writer, files } = await record({ segmentBytes });
  for (const { resource, events, flushed } of steps) {
    writer.appendBatch(resource, events);
    if (flushed) await writer.flush();
  }
  await writer.close();
  return files;
}

/** A log with some of everything, for damage. */
async function sample(): Promise<MemoryFileSystem> {
  const steps = Array.from({ length: 12 }, (_, i) => ({
    resource: i % 2 === 0 ? 'pods' : 'nodes',
    events: [{ type: 'ADDED', object: { metadata: { name: `pod-${i}` } } }] as LogEvent[],
    flushed: true,
  }));
  return logOf(steps, 1000);
}

describe('a log', () => {
  it('gives back what was recorded', async () => {
    await fc.assert(
      fc.asyncProperty(appends, fc.integer({ min: 300, max: 5000 }), async (steps, segmentBytes) => {
        const { records, error, tornTail } = await readLog(await logOf(steps, segmentBytes));
        expect({ error, tornTail }).toEqual({ error: undefined, tornTail: undefined });
        const recorded = steps.flatMap(({ resource, events }) => [
          ...(events.length > 1 ? [`${resource} {"type":"BATCH","size":${events.length}}`] : []),
          ...events.map((each) => `${resource} ${JSON.stringify(each)}`),
        ]);
        const read = records.map((line) => line.slice(line.indexOf(' ') + 1));
        expect(read.filter((line) => !/^ \{"type":"(RUN|CHECKPOINT)"/.test(line))).toEqual(recorded);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a damaged log', () => {
  it('cut off at any byte of its last segment gives the records before, and a later run goes on', async () => {
    const files = await sample();
    const { records } = await readLog(files);
    const last = segment(files.names(FOLDER).length);
    const bytes = files.contents(last);
    for (let size = 0; size < bytes.length; size++) {
      const cut = files.copy();
      cut.put(last, bytes.subarray(0, size));
      const reading = await readLog(cut);
      expect(reading.error).toBeUndefined();
      expect(reading.records).toEqual(records.slice(0, reading.records.length));
      // Every record stays whose line is whole.
      const whole = bytes.subarray(0, size).toString().split('\n').length - 2;
      const before = records.length - (bytes.toString().split('\n').length - 2);
      expect(reading.records.length).toBe(before + Math.max(whole, 0));
      if (size % 7 !== 0) continue;
      const { writer } = await record({ files: cut });
      await writer.close();
      const later = await readLog(cut);
      expect(later).toMatchObject({ error: undefined, tornTail: undefined });
      expect(later.records.slice(0, reading.records.length)).toEqual(reading.records);
    }
  });

  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const damage = fc.record({
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

  it('gives exact records up to the damage or an error, and after a repair just those', async () => {
    const files = await sample();
    const { records } = await readLog(files);
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (each) => {
        const damaged = files.copy();
        for (const one of each) await inflict(damaged, one);
        const reading = await readLog(damaged);
        const from = records.indexOf(reading.records[0] ?? '');
        // Without its first segment a log begins later.
        expect(reading.records).toEqual(
          records.slice(Math.max(from, 0), Math.max(from, 0) + reading.records.length),
        );
        if (reading.error === undefined && reading.tornTail === undefined) return;
        const all = damaged
          .names(FOLDER)
          .reduce((sum, name) => sum + damaged.contents(`${FOLDER}/${name}`).length, 0);
        const report = await repairEventLog(FOLDER, { files: damaged });
        expect(report.damage?.code).toBe((reading.error ?? reading.tornTail)?.code);
        const repaired = await readLog(damaged);
        if (repaired.error?.code !== 'NOT_A_LOG')
          expect(repaired).toEqual({ ...reading, error: undefined, tornTail: undefined });
        const kept = damaged
          .names(FOLDER)
          .reduce((sum, name) => sum + damaged.contents(`${FOLDER}/${name}`).length, 0);
        expect(kept).toBe(all);
      }),
      { numRuns: 400 },
    );
  });
});

interface Damage {
  readonly segment: number;
  readonly how: string;
  readonly at: number;
  readonly to: number;
  readonly byte: number;
}

async function inflict(files: MemoryFileSystem, damage: Damage): Promise<void> {
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
