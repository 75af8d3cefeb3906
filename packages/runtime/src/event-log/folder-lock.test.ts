import { describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { FOLDER, MemoryFileSystem } from './memory-file-system.fixture.ts';
import { processOf, record } from './recording.fixture.ts';

const LOCK = `${FOLDER}/writer.lock`;

async function disk(): Promise<MemoryFileSystem> {
  const files = new MemoryFileSystem();
  await files.makeFolder(FOLDER);
  return files;
}

describe('the lock of a folder', () => {
  it('is held by one writer, and the other is told by whom', async () => {
    const { writer, files } = await record({ process: processOf(12) });
    const second = record({ files, process: processOf(13) });
    await expect(second).rejects.toMatchObject({
      code: 'LOCKED',
      retryable: true,
      file: LOCK,
      message: expect.stringContaining('Process 12 on node-a, which started 1970-01-01T00:00:01.012Z'),
    });
    await writer.close();
    const { writer: third } = await record({ files, process: processOf(13) });
    await third.close();
    expect(files.names(FOLDER)).not.toContain('writer.lock');
  });

  it('is held within a process, too', async () => {
    const files = await disk();
    await lockFolder(files, FOLDER, processOf(12));
    await expect(lockFolder(files, FOLDER, processOf(12))).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it.each([
    ['whose process is gone', processOf(13, { isAlive: () => false })],
    ['of an earlier process with the same pid, as in a container', processOf(12, { startedAt: 99 })],
  ])('is taken over if it is one %s', async (_what, later) => {
    const files = await disk();
    await lockFolder(files, FOLDER, processOf(12));
    const lock = await lockFolder(files, FOLDER, later);
    expect(JSON.parse(files.contents(LOCK).toString())).toMatchObject({ pid: later.pid });
    await lock.release();
    expect(files.names(FOLDER)).toEqual([]);
  });

  it('is not taken over from another host: nobody here can tell', async () => {
    const files = await disk();
    await lockFolder(files, FOLDER, processOf(12));
    const elsewhere = processOf(12, { host: 'node-b', startedAt: 99, isAlive: () => false });
    await expect(lockFolder(files, FOLDER, elsewhere)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it.each(['', 'not JSON', '{"pid":"x"}', '{}', 'null'])(
    'that says nothing (%j) is nobody’s to take',
    async (text) => {
      const files = await disk();
      files.put(LOCK, text);
      await expect(lockFolder(files, FOLDER, processOf(12))).rejects.toMatchObject({
        code: 'LOCKED',
        message: expect.stringContaining(LOCK),
      });
    },
  );

  it('that was taken over meanwhile by another process stays with it', async () => {
    const files = await disk();
    await lockFolder(files, FOLDER, processOf(1));
    const later = processOf(2, {
      isAlive: () => {
        // The other one is quicker.
        files.put(LOCK, JSON.stringify({ pid: 3, host: 'node-a', startedAt: 5 }));
        return false;
      },
    });
    await expect(lockFolder(files, FOLDER, later)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('Process 3'),
    });
    expect(JSON.parse(files.contents(LOCK).toString())).toMatchObject({ pid: 3 });
    expect(files.names(FOLDER)).toEqual(['writer.lock']);
  });

  it('is whole or not there, whenever a process is killed, and what is left of it is tidied up', async () => {
    const files = await disk();
    files.put(`${LOCK}.draft`, '{"pi');
    const { writer } = await record({ files });
    expect(files.names(FOLDER)).toEqual(['00000001.jsonl', 'writer.lock']);
    await writer.close();
  });

  it('works on a disk without second names', async () => {
    const files = await disk();
    files.fail('link', 'EPERM');
    const lock = await lockFolder(files, FOLDER, processOf(12));
    await expect(lockFolder(files, FOLDER, processOf(13))).rejects.toMatchObject({ code: 'LOCKED' });
    await lock.release();
    expect(files.names(FOLDER)).toEqual([]);
  });

  it('of another one is not released', async () => {
    const files = await disk();
    const lock = await lockFolder(files, FOLDER, processOf(12));
    await files.remove(LOCK);
    await lockFolder(files, FOLDER, processOf(13));
    await lock.release();
    expect(files.names(FOLDER)).toEqual(['writer.lock']);
  });

  it('of two that find a stale one, one gets it', async () => {
    const files = await disk();
    await lockFolder(files, FOLDER, processOf(1));
    const isAlive = (pid: number) => pid !== 1;
    const results = await Promise.allSettled(
      [2, 3, 4].map((pid) => lockFolder(files, FOLDER, processOf(pid, { isAlive }))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
