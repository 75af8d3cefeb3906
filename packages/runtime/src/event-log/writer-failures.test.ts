import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES } from './line-frame.ts';
import { FOLDER, segment } from './memory-file-system.fixture.ts';
import { pod, readLog, record, typesOf } from './recording.fixture.ts';

describe('when the disk fails', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'DISK_FAILED'],
    ['EACCES', 'FORBIDDEN'],
  ])('%s: recording stops with %s and a mark, and the caller goes on', async (system, code) => {
    const { writer, files, errors } = await record();
    await writer.flush();
    files.fail('write', system, { times: 1 });
    writer.append('pods', { type: 'ADDED', object: pod('lost') });
    await expect(writer.flush()).rejects.toMatchObject({ code, file: segment(1) });
    expect(errors).toEqual([code]);
    expect(writer.state).toMatchObject({ phase: 'stopped', lastError: { code } });
    expect(writer.append('pods', { type: 'CLEARED' })).toBeUndefined();
    await writer.close();
    const reading = await readLog(files);
    expect(typesOf(reading)).toEqual(['RUN start', 'CHECKPOINT complete', 'END']);
    expect(reading).toMatchObject({ error: undefined, tornTail: undefined });
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl']);
  });

  it('a full disk leaves whole records only, and the mark where there is room for it', async () => {
    const { writer, files } = await record();
    await writer.flush();
    files.capacity = files.contents(segment(1)).length + 2000;
    for (let i = 0; i < 20; i++) writer.append('pods', { type: 'ADDED', object: pod('lost', 500) });
    await expect(writer.flush()).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    await writer.close();
    const reading = await readLog(files);
    expect(typesOf(reading).at(-1)).toBe('END');
    expect(reading).toMatchObject({ error: undefined, tornTail: undefined });
  });

  it('without room for a mark, the log just ends, and a later run goes on', async () => {
    const { writer, files } = await record();
    await writer.flush();
    files.capacity = 0;
    writer.append('pods', { type: 'CLEARED' });
    await expect(writer.flush()).rejects.toMatchObject({ code: 'DISK_FULL' });
    await writer.close();
    files.capacity = Number.POSITIVE_INFINITY;
    const { writer: later } = await record({ files });
    await later.close();
    const reading = await readLog(files);
    expect(reading.error).toBeUndefined();
    expect(typesOf(reading)).toEqual([
      'RUN start',
      'CHECKPOINT complete',
      'RUN start',
      'CHECKPOINT complete',
      'RUN end',
    ]);
  });

  it('a sync that fails stops recording: what it was for may be lost', async () => {
    const { writer, files, errors } = await record({ fsync: 'always' });
    await writer.flush();
    files.fail('sync', 'EIO', { times: 1 });
    writer.append('pods', { type: 'CLEARED' });
    await expect(writer.flush()).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect(errors).toEqual(['DISK_FAILED']);
    await writer.close();
  });

  it('a segment that cannot be made is told in the one before', async () => {
    const { writer, files } = await record({ segmentBytes: 600 });
    await writer.flush();
    files.fail('open', 'EMFILE', { path: /00000002/ });
    for (let i = 0; i < 20; i++) writer.append('pods', { type: 'ADDED', object: pod('a') });
    await writer.flush();
    await writer.close();
    expect(writer.state).toMatchObject({ segment: 1, lastError: { code: 'DISK_FAILED' } });
    const reading = await readLog(files);
    expect(typesOf(reading).at(-1)).toBe('END');
    expect(reading.error).toBeUndefined();
  });

  it('a disk that takes writes in parts gets all of them', async () => {
    const { writer, files } = await record();
    files.writeBytes = 7;
    writer.append('pods', { type: 'ADDED', object: pod('a') });
    await writer.close();
    expect(await readLog(files)).toMatchObject({ error: undefined, tornTail: undefined });
  });

  it.each([
    ['makeFolder', 'EACCES', 'FORBIDDEN'],
    ['makeFolder', 'ENOTDIR', 'FOLDER_MISSING'],
    ['makeFolder', 'EEXIST', 'FOLDER_MISSING'],
    ['list', 'EACCES', 'FORBIDDEN'],
    ['open', 'ENOSPC', 'DISK_FULL'],
    ['write', 'EROFS', 'FORBIDDEN'],
    ['sync', 'EIO', 'DISK_FAILED'],
  ] as const)(
    '%s fails with %s when the folder is opened: %s, and no lock stays',
    async (operation, system, code) => {
      const { writer, files } = await record();
      await writer.close();
      files.fail(operation, system);
      await expect(record({ files })).rejects.toMatchObject({ code });
      expect(files.names(FOLDER)).not.toContain('writer.lock');
    },
  );
});

describe('when the disk is too slow', () => {
  it('recording stops, memory stays bounded, and what was queued is written with a mark', async () => {
    const { writer, files, errors } = await record({ maxQueueBytes: 100_000 });
    await writer.flush();
    files.hold();
    let taken = 0;
    for (let i = 0; i < 1000; i++)
      if (writer.append('pods', { type: 'ADDED', object: pod('a', 1000) }) !== undefined) taken++;
    expect(taken).toBeLessThan(100);
    expect(writer.state.queuedBytes).toBeLessThan(110_000);
    expect(errors).toEqual(['DISK_TOO_SLOW']);
    files.release();
    await writer.close();
    const reading = await readLog(files);
    expect(typesOf(reading).filter((type) => type === 'ADDED').length).toBeGreaterThanOrEqual(taken);
    expect(typesOf(reading).at(-1)).toBe('END');
    expect(reading.error).toBeUndefined();
  });

  it('close gives up on a disk that does not answer', async () => {
    const { writer, files, clock, errors } = await record();
    await writer.flush();
    files.hold();
    writer.append('pods', { type: 'CLEARED' });
    const closed = writer.close();
    await clock.advance('10s');
    await closed;
    expect(errors).toEqual(['DISK_TOO_SLOW']);
    expect(writer.state.phase).toBe('closed');
    files.release();
  });
});

describe('what an owner gives', () => {
  it.each([
    ['a bigint', { count: 1n }],
    ['an object without end', circular()],
    ['more than a line can hold', { pad: 'x'.repeat(MAX_LINE_BYTES) }],
  ])('stops the recording if it is %s', async (_what, state) => {
    const { writer, files, errors } = await record();
    expect(writer.append('pods', { type: 'STATE', state })).toBeUndefined();
    expect(errors).toEqual(['RECORD_UNWRITABLE']);
    await writer.close();
    expect(typesOf(await readLog(files)).at(-1)).toBe('END');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no state');
      },
    ],
    [
      'fails on the way',
      async function* () {
        yield {
          resource: 'pods',
          event: { type: 'CHECKPOINT', part: 'begin', modCount: 0, size: 1 },
        } as const;
        throw new Error('no state');
      },
    ],
  ])('stops the recording if a checkpoint %s', async (_how, checkpoint) => {
    const { writer, clock, files } = await record({ checkpoint });
    await clock.advance(0);
    expect(writer.state).toMatchObject({ phase: 'stopped', lastError: { code: 'CHECKPOINT_FAILED' } });
    await writer.close();
    expect(typesOf(await readLog(files)).at(-1)).toBe('END');
  });
});

function circular(): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}
