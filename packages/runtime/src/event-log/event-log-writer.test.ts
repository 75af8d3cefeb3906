import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemBytes, writeBytes } from './event-bytes.ts';
import type { EventLogState } from './event-log-state.ts';
import { FOLDER, MemoryFileSystem, segment } from './memory-file-system.fixture.ts';
import { pod, readLog, record, typesOf } from './recording.fixture.ts';

describe('a recording', () => {
  it('is a folder of readable lines: a header, then records with checksum, times, number, resource and event', async () => {
    const { writer, files, clock } = await record({ redacted: { pods: ['spec.x'] } });
    await clock.advance('1.5s');
    writer.append('pods', { type: 'ADDED', object: pod('a') });
    await writer.close();
    const [header = '', ...lines] = files.contents(segment(1)).toString().trimEnd().split('\n');
    expect(header).toMatch(/^[0-9a-f]{8} \{/);
    expect(JSON.parse(header.slice(9))).toEqual({
      format: 'firn-event-log',
      version: 1,
      run: 'run-1',
      segment: 1,
      first: 1,
      startedAt: Date.UTC(2026, 0, 1),
      resources: { pods: { gvr: 'v1/pods' } },
      redacted: { pods: ['spec.x'] },
    });
    expect(lines.map((line) => JSON.parse(line.slice(9)))).toContainEqual({
      t: Date.UTC(2026, 0, 1) + 1500,
      m: 1_500_000,
      n: 3,
      r: 'pods',
      e: { type: 'ADDED', object: pod('a') },
    });
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl']);
  });

  it('begins and ends with its run, and marks what arrived together', async () => {
    const { writer, files } = await record();
    const last = writer.appendBatch('pods', [
      { type: 'ADDED', object: pod('a') },
      { type: 'DELETED', object: pod('b') },
    ]);
    writer.appendBatch('pods', [{ type: 'BOOKMARK', resourceVersion: '7' }]);
    await writer.close();
    const reading = await readLog(files);
    expect(typesOf(reading)).toEqual([
      'RUN start',
      'CHECKPOINT complete',
      'BATCH',
      'ADDED',
      'DELETED',
      'BOOKMARK',
      'RUN end',
    ]);
    expect(last).toBe(5);
    expect(reading.error).toBeUndefined();
  });

  it('takes bytes as they came, but for line breaks', async () => {
    const { writer, files } = await record();
    const bytes = Buffer.from('{ "a":1.50,\n "b":"ü\\n" }');
    writer.append('pods', writeBytes('MODIFIED', [bytes]));
    writer.append('pods', writeBytes('ADDED', [Buffer.from('{}')], { keys: ['k'], origin: 'call' }));
    writer.append('pods', itemBytes('REPLACED', [[Buffer.from('1')], [Buffer.from('2')]]));
    writer.append('pods', itemBytes('CHECKPOINT', []));
    bytes.fill(0);
    await writer.close();
    expect((await readLog(files)).records).toEqual(
      expect.arrayContaining([
        '3 pods {"type":"MODIFIED","object":{ "a":1.50,  "b":"ü\\n" }}',
        '4 pods {"type":"ADDED","object":{},"keys":["k"],"origin":"call"}',
        '5 pods {"type":"REPLACED","part":"items","objects":[1,2]}',
        '6 pods {"type":"CHECKPOINT","part":"items","objects":[]}',
      ]),
    );
  });

  it('goes on with numbers and segments where an earlier one ended', async () => {
    const { writer, files } = await record();
    await writer.close();
    const { writer: later } = await record({ files, run: 'run-2' });
    expect(later.state).toMatchObject({ phase: 'recording', run: 'run-2', segment: 2, appended: 5 });
    await later.close();
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl', '00000002.jsonl']);
    expect((await readLog(files)).records).toHaveLength(6);
  });

  it('says in state$ how far it is, and completes when it is closed', async () => {
    const { writer } = await record();
    const states: EventLogState[] = [];
    let completed = false;
    writer.state$.subscribe({ next: (state) => states.push(state), complete: () => (completed = true) });
    writer.append('pods', { type: 'CLEARED' });
    expect(writer.state).toMatchObject({ appended: 3, written: 2, durable: 2 });
    expect(writer.state.queuedBytes).toBeGreaterThan(0);
    await writer.flush();
    expect(states.at(-1)).toMatchObject({ phase: 'recording', written: 3, durable: 3, queuedBytes: 0 });
    await writer.close();
    await writer.close();
    expect(states.at(-1)).toMatchObject({ phase: 'closed', durable: 4 });
    expect(completed).toBe(true);
    expect(writer.append('pods', { type: 'CLEARED' })).toBeUndefined();
    await writer.flush();
  });

  it('refuses options that make no sense', async () => {
    for (const options of [
      { segmentBytes: 0 },
      { maxQueueBytes: 1.5 },
      { keep: { segments: 0 } },
      { fsync: 'x' as 'never' },
    ])
      await expect(record(options)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(record({ interval: 'soon' as '1s' })).rejects.toMatchObject({ code: 'INVALID_DURATION' });
  });
});

describe('the policy', () => {
  it('interval: writes and syncs together what one interval brings', async () => {
    const { writer, files, clock } = await record({ interval: '100ms' });
    await clock.advance('100ms');
    files.operations.length = 0;
    for (let i = 0; i < 5; i++) writer.append('pods', { type: 'CLEARED' });
    await clock.advance('99ms');
    expect(files.operations).toEqual([]);
    await clock.advance('1ms');
    expect(files.operations).toEqual(['write 00000001.jsonl', 'sync 00000001.jsonl']);
    expect(writer.state.durable).toBe(writer.state.appended);
    await clock.advance('1h');
    expect(files.operations).toHaveLength(2);
    await writer.close();
    expect(clock.pending).toBe(0);
  });

  it('interval: does not wait once there is enough for a large write', async () => {
    const { writer, files, clock } = await record();
    for (let i = 0; i < 30; i++) writer.append('pods', { type: 'ADDED', object: pod('a', 10_000) });
    await clock.advance(0);
    expect(files.contents(segment(1)).length).toBeGreaterThan(300_000);
    await writer.close();
  });

  it('never: writes, and syncs only when asked to', async () => {
    const { writer, files, clock } = await record({ fsync: 'never', interval: '100ms' });
    await writer.flush();
    writer.append('pods', { type: 'CLEARED' });
    files.operations.length = 0;
    await clock.advance('1s');
    expect(files.operations).toEqual(['write 00000001.jsonl']);
    expect(writer.state.durable).toBeLessThan(writer.state.written);
    await writer.flush();
    expect(writer.state.durable).toBe(writer.state.written);
    await writer.close();
  });

  it.each(['always', 'interval', 'never'] as const)(
    '%s: what a flush has acknowledged survives a loss of power at any later moment',
    async (fsync) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              appended: fc.integer({ min: 1, max: 4 }),
              passes: fc.boolean(),
              waits: fc.boolean(),
            }),
            {
              maxLength: 20,
            },
          ),
          async (steps) => {
            const files = new MemoryFileSystem();
            const { writer, clock } = await record({ files, fsync, segmentBytes: 400 });
            for (const { appended, passes, waits } of steps) {
              let last = 0;
              for (let i = 0; i < appended; i++)
                last = writer.append('pods', { type: 'ADDED', object: pod('a') }) ?? Number.NaN;
              if (passes) await clock.advance('200ms');
              if (waits) await writer.flush();
              const { durable } = writer.state;
              const { records, error } = await readLog(files.afterPowerLoss());
              expect(error).toBeUndefined();
              expect(records.length).toBeGreaterThanOrEqual(durable);
              if (waits) expect(durable).toBeGreaterThanOrEqual(last);
            }
            await writer.close();
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  it('always: what is appended while the disk is busy goes with the next group', async () => {
    const { writer, files } = await record({ fsync: 'always' });
    await writer.flush();
    files.operations.length = 0;
    files.hold();
    writer.append('pods', { type: 'CLEARED' });
    const first = writer.flush();
    for (let i = 0; i < 100; i++) writer.append('pods', { type: 'CLEARED' });
    const all = writer.flush();
    files.release();
    await Promise.all([first, all]);
    expect(files.operations.length).toBeLessThanOrEqual(4);
    await writer.close();
  });
});
