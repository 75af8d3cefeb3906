import { describe, expect, it } from 'vitest';
import type { CheckpointSlice } from './checkpoint-run.ts';
import { EventLogReader } from './event-log-reader.ts';
import type { EventLogWriter } from './event-log-writer.ts';
import { FOLDER, MemoryFileSystem, segment } from './memory-file-system.fixture.ts';
import { pod, readLog, record, typesOf, until } from './recording.fixture.ts';

/** Fills the segment under way until the next one has begun. */
async function roll(writer: EventLogWriter): Promise<void> {
  const { segment: before } = writer.state;
  while (writer.state.segment === before) {
    expect(writer.state.phase).toBe('recording');
    writer.append('pods', { type: 'ADDED', object: pod('a', 200) });
    await writer.flush();
  }
  await writer.flush();
}

function begin(modCount: number, size = 0): CheckpointSlice {
  return { resource: 'pods', event: { type: 'CHECKPOINT', part: 'begin', modCount, size } };
}

function items(weight: number): CheckpointSlice {
  return { resource: 'pods', event: { type: 'CHECKPOINT', part: 'items', objects: [pod('a', weight)] } };
}

describe('a segment', () => {
  it('ends when it is large enough, and the next begins with a header and the state of that moment', async () => {
    let modCount = 0;
    let add = (): void => undefined;
    const { writer, files } = await record({
      segmentBytes: 1000,
      checkpoint: async function* () {
        // What happens next belongs to the new segment, however soon it happens.
        queueMicrotask(add);
        yield begin(modCount);
      },
    });
    add = () => void writer.append('pods', { type: 'ADDED', object: pod(`pod-${++modCount}`) });
    for (let i = 0; i < 60; i++) {
      add();
      await writer.flush();
    }
    await writer.close();
    const reader = await EventLogReader.open(FOLDER, files);
    expect(reader.segments.length).toBeGreaterThan(3);
    for (const { number } of reader.segments) {
      const { records } = await readLog(files, { from: number });
      const state = /"modCount":(\d+)/.exec(records.join())?.[1];
      const next = /"name":"pod-(\d+)"/.exec(records.join())?.[1];
      // The first event of a segment is the one after the state that it begins with.
      if (next !== undefined) expect(Number(next)).toBe(Number(state) + 1);
    }
  });

  it('has new events between the slices of its checkpoint', async () => {
    const { writer, files, clock } = await record({
      checkpoint: async function* () {
        yield begin(0, 2);
        yield items(1);
        yield items(1);
      },
    });
    writer.append('pods', { type: 'CLEARED' });
    await clock.advance(0);
    await writer.close();
    const types = typesOf(await readLog(files));
    expect(types.filter((type) => type.startsWith('CHECKPOINT'))).toEqual([
      'CHECKPOINT begin',
      'CHECKPOINT items',
      'CHECKPOINT items',
      'CHECKPOINT complete',
    ]);
    expect(types).toContain('CLEARED');
  });

  it('takes the state in one turn with its beginning, however the source is written', async () => {
    const taken: [called: number, asked: number][] = [];
    let turn = 0;
    const { writer } = await record({
      segmentBytes: 1000,
      checkpoint: () => {
        const called = turn;
        queueMicrotask(() => turn++);
        return (async function* () {
          taken.push([called, turn]);
          yield begin(0);
        })();
      },
    });
    await roll(writer);
    await writer.close();
    expect(taken).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('does not end inside of a list', async () => {
    const { writer, files } = await record({ segmentBytes: 500 });
    writer.append('pods', { type: 'REPLACED', part: 'begin' });
    for (let i = 0; i < 20; i++) {
      writer.append('pods', { type: 'REPLACED', part: 'items', objects: [pod('a', 200)] });
      await writer.flush();
    }
    expect(writer.state.segment).toBe(1);
    writer.append('pods', { type: 'REPLACED', part: 'end', resourceVersion: '9' });
    await roll(writer);
    writer.append('pods', { type: 'REPLACED', part: 'begin' });
    writer.append('pods', { type: 'REPLACED', part: 'discarded' });
    await roll(writer);
    expect(writer.state.segment).toBe(3);
    await writer.close();
    expect((await readLog(files)).error).toBeUndefined();
  });

  it('is at least four times as large as the last checkpoint', async () => {
    const { writer, files } = await record({
      segmentBytes: 100,
      checkpoint: async function* () {
        yield items(5000);
      },
    });
    await roll(writer);
    await roll(writer);
    await writer.close();
    expect(files.contents(segment(2)).length).toBeGreaterThan(20_000);
  });

  it('waits with its checkpoint while the queue is long, so that events find room', async () => {
    const { writer, files, errors } = await record({
      maxQueueBytes: 20_000,
      checkpoint: async function* () {
        for (let i = 0; i < 50; i++) yield items(2000);
      },
    });
    await until(async () => (await new EventLogReaderProbe(files).checkpoint()) === 1);
    expect(errors).toEqual([]);
    await writer.close();
  });

  it('leaves a checkpoint unfinished if the recording is closed, and a reader goes back to the one before', async () => {
    const files = new MemoryFileSystem();
    const { writer } = await record({ files });
    await writer.close();
    const { writer: later } = await record({
      files,
      checkpoint: async function* () {
        yield begin(0);
        await new Promise(() => undefined);
      },
    });
    await later.close();
    expect(await new EventLogReaderProbe(files).checkpoint()).toBe(1);
    expect((await readLog(files)).error).toBeUndefined();
  });
});

/** Where a warm start would begin. */
class EventLogReaderProbe {
  readonly #files: MemoryFileSystem;

  constructor(files: MemoryFileSystem) {
    this.#files = files;
  }

  async checkpoint(): Promise<number | undefined> {
    return (await EventLogReader.open(FOLDER, this.#files)).lastCheckpoint();
  }
}

describe('retention', () => {
  const gone = (files: MemoryFileSystem, number: number) => () =>
    !files.names(FOLDER).some((name) => name.startsWith(`0000000${number}`));

  it('keeps so many segments, the current one among them', async () => {
    const { writer, files } = await record({ segmentBytes: 1000, keep: { segments: 2 } });
    for (let i = 0; i < 4; i++) await roll(writer);
    await until(gone(files, 3));
    expect(files.names(FOLDER)).toEqual(['00000004.jsonl', '00000005.jsonl', 'writer.lock']);
    await writer.close();
    expect((await readLog(files)).error).toBeUndefined();
  });

  it('keeps so many bytes, but always the current segment', async () => {
    const { writer, files } = await record({ segmentBytes: 1000, keep: { bytes: 1 } });
    await roll(writer);
    await roll(writer);
    await until(gone(files, 2));
    expect(files.names(FOLDER)).toEqual(['00000003.jsonl', 'writer.lock']);
    await writer.close();
  });

  it('keeps what was written to so recently', async () => {
    const { writer, files, clock } = await record({ segmentBytes: 1000, keep: { age: '1h' } });
    await roll(writer);
    await clock.advance('50m');
    await roll(writer);
    await clock.advance('20m');
    await roll(writer);
    await until(gone(files, 1));
    expect(files.names(FOLDER)).toEqual([
      '00000002.jsonl',
      '00000003.jsonl',
      '00000004.jsonl',
      'writer.lock',
    ]);
    await writer.close();
  });

  it('drops nothing before the checkpoint of the current segment is on the disk', async () => {
    let stuck = false;
    const { writer, files, clock } = await record({
      segmentBytes: 1000,
      keep: { segments: 1 },
      checkpoint: async function* () {
        if (stuck) await new Promise(() => undefined);
      },
    });
    stuck = true;
    await roll(writer);
    await clock.advance('1m');
    expect(files.names(FOLDER)).toContain('00000001.jsonl');
    await writer.close();
  });

  it('says so when it fails, and recording goes on', async () => {
    const { writer, files, errors } = await record({ segmentBytes: 1000, keep: { segments: 1 } });
    files.fail('remove', 'EACCES', { path: /jsonl/ });
    await roll(writer);
    await until(() => errors.length > 0);
    expect(errors).toEqual(['FORBIDDEN']);
    expect(writer.state.phase).toBe('recording');
    await writer.close();
  });
});

describe('compression', () => {
  const compressed = (files: MemoryFileSystem, number: number) => () =>
    files.names(FOLDER).includes(`0000000${number}.jsonl.zst`) &&
    !files.names(FOLDER).includes(`0000000${number}.jsonl`);

  it('makes closed segments smaller, and they read the same', async () => {
    const { writer, files } = await record({ segmentBytes: 3000, compress: true });
    await roll(writer);
    const plain = files.copy();
    await roll(writer);
    await until(compressed(files, 2));
    await writer.close();
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl.zst', '00000002.jsonl.zst', '00000003.jsonl']);
    expect(files.contents(segment(2, '.zst')).length).toBeLessThan(1000);
    const { records, error } = await readLog(files);
    expect(error).toBeUndefined();
    const before = (await readLog(plain)).records;
    expect(records.slice(0, before.length)).toEqual(before);
  });

  it('goes on with a log whose last segment is compressed', async () => {
    const { writer, files } = await record({ segmentBytes: 1000, compress: true });
    await roll(writer);
    await until(compressed(files, 1));
    await writer.close();
    await files.remove(segment(2));
    const { writer: later } = await record({ files });
    expect(later.state.segment).toBe(2);
    await later.close();
    expect((await readLog(files)).error).toBeUndefined();
  });

  it('a failure leaves the plain segment and nothing else', async () => {
    const { writer, files, errors } = await record({ segmentBytes: 1000, compress: true });
    files.fail('write', 'ENOSPC', { path: /tmp$/ });
    await roll(writer);
    await until(() => errors.length > 0);
    expect(errors).toEqual(['DISK_FULL']);
    await writer.close();
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl', '00000002.jsonl']);
  });

  it.each([
    ['open', /tmp$/],
    ['write', /tmp$/],
    ['sync', /tmp$/],
    ['rename', /tmp$/],
    ['remove', /1\.jsonl$/],
  ] as const)(
    'a process that dies at its %s leaves a readable log, and the next one does it again',
    async (operation, path) => {
      const { writer, files, errors } = await record({ segmentBytes: 1000, compress: true });
      files.fail(operation, 'EIO', { path });
      await roll(writer);
      await until(() => errors.length > 0);
      await writer.close();
      const later = files.copy();
      // What a process that died could not tidy up.
      later.put(segment(1, '.zst.tmp'), 'half');
      const before = await readLog(later);
      expect(before.error).toBeUndefined();
      const { writer: second } = await record({ files: later, compress: true });
      await until(compressed(later, 2));
      await second.close();
      expect(later.names(FOLDER)).toEqual(['00000001.jsonl.zst', '00000002.jsonl.zst', '00000003.jsonl']);
      expect((await readLog(later)).records.slice(0, before.records.length)).toEqual(before.records);
    },
  );
});
