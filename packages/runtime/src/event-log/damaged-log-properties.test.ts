import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damage, inflict } from './damage.fixture.ts';
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
