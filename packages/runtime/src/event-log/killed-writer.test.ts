import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FsyncPolicy } from './commit-schedule.ts';
import { EventLogReader } from './event-log-reader.ts';
import { recordUntilKilled } from './killed-writer.fixture.ts';
import { openEventLogWriter } from './open-event-log-writer.ts';

/** How often a process is killed here; more of it takes `FIRN_KILLS=100`. */
const KILLS = Number(process.env.FIRN_KILLS ?? 5);

const POLICIES: readonly FsyncPolicy[] = ['always', 'interval', 'never'];

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'firn-log-')), 'log');
});

afterEach(() => rm(join(folder, '..'), { recursive: true }));

/** Runs a process that records, and kills it after so many acknowledgements and milliseconds; gives the last one. */
async function killAfter(acknowledgements: number, ms: number, fsync: FsyncPolicy): Promise<number> {
  const fixture = new URL('killed-writer.fixture.ts', import.meta.url).href;
  const program = `import { ${recordUntilKilled.name} as run } from ${JSON.stringify(fixture)}; await run(...process.argv.slice(1));`;
  const child = spawn(
    process.execPath,
    ['--conditions=@firn/source', '--input-type=module', '--eval', program, folder, fsync],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  let last = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++seen === acknowledgements) setTimeout(() => child.kill('SIGKILL'), ms);
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
  return last;
}

/** The sequence number of the last record, if all of them are right. */
async function lastRecord(): Promise<number> {
  const reader = await EventLogReader.open(folder);
  let last = 0;
  for await (const records of reader.records())
    for (const { sequence } of records) {
      if (last > 0) expect(sequence).toBe(last + 1);
      last = sequence;
    }
  return last;
}

describe('a process that is killed while it records', () => {
  it(
    'leaves a readable log with everything that was acknowledged, and the next one goes on',
    async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const fsync = POLICIES[kill % POLICIES.length] ?? 'always';
        const acknowledged = await killAfter(20 + Math.floor(Math.random() * 100), Math.random() * 20, fsync);
        expect(acknowledged).toBeGreaterThan(0);
        expect(await lastRecord()).toBeGreaterThanOrEqual(acknowledged);
      }
      const writer = await openEventLogWriter({ folder, resources: {}, checkpoint: async function* () {} });
      await writer.close();
      expect(await lastRecord()).toBe(writer.state.durable);
    },
    20_000 + KILLS * 2000,
  );

  it('has made folder and files for its user only', async () => {
    await killAfter(1, 0, 'always');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder))
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });
});
