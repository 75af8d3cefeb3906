import { describe, expect, it } from 'vitest';
import { FOLDER, MemoryFileSystem, segment } from './memory-file-system.fixture.ts';
import { pod, processOf, readLog, record, until } from './recording.fixture.ts';
import { repairEventLog } from './repair-event-log.ts';

async function log(segments: number): Promise<MemoryFileSystem> {
  const files = new MemoryFileSystem();
  for (let i = 0; i < segments; i++) {
    const { writer } = await record({ files });
    for (const name of ['a', 'b', 'c']) writer.append('pods', { type: 'ADDED', object: pod(name) });
    await writer.close();
  }
  return files;
}

function spoil(files: MemoryFileSystem, path: string, at: number): void {
  const bytes = Buffer.from(files.contents(path));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  files.put(path, bytes);
}

describe('a repair', () => {
  it('leaves a log alone that nothing is wrong with', async () => {
    const files = await log(2);
    const before = files.names(FOLDER);
    expect(await repairEventLog(FOLDER, { files })).toEqual({
      damage: undefined,
      lastRecord: 12,
      movedAside: [],
    });
    expect(files.names(FOLDER)).toEqual(before);
  });

  it('keeps what is before the damage, and puts the rest aside under clear names', async () => {
    const files = await log(3);
    const whole = files.contents(segment(2));
    const { records } = await readLog(files);
    const at = whole.indexOf('"name":"b"');
    spoil(files, segment(2), at);
    const report = await repairEventLog(FOLDER, { files });
    const kept = whole.lastIndexOf('\n', at) + 1;
    expect(report).toMatchObject({ damage: { code: 'CRC_MISMATCH', offset: kept }, lastRecord: 9 });
    expect(report.movedAside).toEqual([segment(2, `.from-byte-${kept}.damaged`), segment(3, '.damaged')]);
    expect(files.names(FOLDER)).toHaveLength(4);
    expect(await readLog(files)).toEqual({
      records: records.slice(0, 9),
      error: undefined,
      tornTail: undefined,
    });
    const { writer } = await record({ files });
    expect(writer.state).toMatchObject({ segment: 3, appended: 11 });
    await writer.close();
  });

  it('does not overwrite what an earlier one put aside', async () => {
    const files = await log(2);
    for (let i = 0; i < 2; i++) {
      files.put(segment(2), 'what is this');
      await repairEventLog(FOLDER, { files });
    }
    expect(files.names(FOLDER)).toEqual([
      '00000001.jsonl',
      '00000002.jsonl.damaged',
      '00000002.jsonl.damaged.2',
    ]);
  });

  it('keeps the good part of a compressed segment', async () => {
    const files = await log(2);
    const { records } = await readLog(files);
    spoil(files, segment(1), files.contents(segment(1)).indexOf('"name":"b"'));
    const { writer } = await record({ files, compress: true });
    await until(() => !files.names(FOLDER).includes('00000001.jsonl'));
    await writer.close();
    const report = await repairEventLog(FOLDER, { files });
    expect(report).toMatchObject({ damage: { code: 'CRC_MISMATCH' }, lastRecord: 3 });
    expect(files.names(FOLDER).slice(0, 2)).toEqual(['00000001.jsonl', '00000001.jsonl.zst.damaged']);
    expect((await readLog(files)).records).toEqual(records.slice(0, 3));
  });

  it('does not touch a log that is recorded to, one of a later version, or one on a failing disk', async () => {
    const files = await log(1);
    const { writer } = await record({ files, process: processOf(5) });
    await expect(repairEventLog(FOLDER, { files, process: processOf(6) })).rejects.toMatchObject({
      code: 'LOCKED',
    });
    await writer.close();
    files.fail('read', 'EIO', { path: /2.jsonl/ });
    await expect(repairEventLog(FOLDER, { files })).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl', '00000002.jsonl']);
  });
});
