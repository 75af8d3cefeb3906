import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirnProcess, firn } from '../cli/firn-process.ts';

const map = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name },
  data: { value },
});

describe('firn record and verify', () => {
  let server: ApiServer;
  let folder: string;
  let log: string;
  beforeEach(async () => {
    server = await startApiServer({ objects: [map('a', '1'), map('b', '1')] });
    folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
    log = join(folder, 'log');
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfigYaml);
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const record = (...args: readonly string[]): FirnProcess =>
    firn(['record', log, ...args, '--kubeconfig', join(folder, 'kubeconfig')]);

  async function recorded(): Promise<void> {
    const run = record('configmaps', '-A');
    await run.until(({ stderr }) => stderr.includes('configmaps: in sync, 2 objects'));
    for (let i = 0; i < 10; i++) await server.patch(map('a', `${i}`));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr).toMatch(/\d+ records are in the log/);
  }

  it('record until Ctrl-C, and find the log whole', async () => {
    await recorded();
    const verify = firn(['verify', log]);
    expect(await verify.ended).toBe(0);
    expect(verify.stdout).toContain(`${log}: 1 segment, 1 run, `);
    expect(await readdir(log)).not.toContain('lock');
  });

  it('say where a log is damaged, exit 1, and repair it', async () => {
    await recorded();
    const [name = ''] = (await readdir(log)).filter((file) => file.endsWith('.jsonl'));
    const bytes = await readFile(join(log, name));
    const at = bytes.indexOf('"REPLACED"');
    bytes[at + 3] = 0x58;
    await writeFile(join(log, name), bytes);
    const verify = firn(['verify', log]);
    expect(await verify.ended).toBe(1);
    expect(verify.stdout).toMatch(/at byte \d+/);
    const repair = firn(['verify', log, '--repair']);
    expect(await repair.ended).toBe(0);
    expect(repair.stdout).toContain('moved aside: ');
    const again = firn(['verify', log]);
    expect(await again.ended).toBe(0);
  });

  it.each([
    [['record'], 2, /Name the folder/],
    [['verify'], 2, /Name one folder/],
    [['verify', '/nowhere/at/all'], 1, /\/nowhere\/at\/all/],
    [['record', 'x', 'configmaps', '--fsync', 'sometimes'], 2, /fsync/],
  ] as const)('refuse firn %j', async (args, code, says) => {
    const run = firn([...args]);
    expect(await run.ended).toBe(code);
    expect(run.stderr).toMatch(says);
  });

  it('record nothing into a folder that is taken', async () => {
    const run = record('configmaps', '-A');
    await run.until(({ stderr }) => stderr.includes('in sync'));
    const second = record('configmaps', '-A');
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(/^firn: Process \d+/);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
  });
});
