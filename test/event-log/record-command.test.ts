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
    await expect.poll(textOfLog).toContain('"value":"9"');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr).toMatch(/\d+ records are in the log/);
  }

  async function textOfLog(): Promise<string> {
    const [name = ''] = (await readdir(log)).filter((file) => file.endsWith('.jsonl'));
    return readFile(join(log, name), 'utf8');
  }

  async function readLines(): Promise<{ t: number; e?: { type: string; part?: string } }[]> {
    return (await textOfLog())
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line.slice(9)));
  }

  it('record until Ctrl-C, and find the log whole', async () => {
    await recorded();
    const verify = firn(['verify', log]);
    expect(await verify.ended).toBe(0);
    expect(verify.stdout).toContain(`${log}: 1 segment, 1 run, `);
    expect(await readdir(log)).not.toContain('lock');
  });

  it('show what changed between two moments, for people and as JSON Patch', async () => {
    const before = new Date().toISOString();
    await recorded();
    const diff = firn(['diff', log, before, 'now', '--color', 'never']);
    expect(await diff.ended).toBe(1);
    expect(diff.stderr).toContain('has no state of configmaps');

    const lines = (await readLines()).map(({ t, e }) => ({ time: t, type: e?.type, part: e?.part }));
    const listed = lines.find(({ type, part }) => type === 'REPLACED' && part === 'end')?.time ?? 0;
    const moment = new Date(listed).toISOString();
    const text = firn(['diff', log, moment, 'now', '--color', 'never']);
    expect(await text.ended).toBe(0);
    expect(text.stdout).toMatch(/^~ configmaps shop\/a\n/);
    expect(text.stdout).toMatch(/\n {4}data\.value: "\d" → "9"\n/);
    const json = firn(['diff', log, moment, 'now', 'configmaps', '-n', 'shop', '-o', 'json']);
    expect(await json.ended).toBe(0);
    const [change] = json.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(change).toMatchObject({ type: 'modified', resource: 'configmaps', namespace: 'shop', name: 'a' });
    expect(change.patch).toContainEqual({ op: 'replace', path: '/data/value', value: '9' });
    const get = (...args: readonly string[]) => firn(['get', ...args, '--log', log, '-o', 'json']);
    const then = get('configmaps', 'shop', 'a', '--at', moment);
    expect(await then.ended).toBe(0);
    expect(JSON.parse(then.stdout).data.value).toBe('1');
    const now = get('configmaps', '-n', 'shop');
    expect(await now.ended).toBe(0);
    expect(JSON.parse(now.stdout).items.map((item: { data: object }) => item.data)).toContainEqual({
      value: '9',
    });
    const nothing = get('configmaps', 'shop', 'z');
    expect(await nothing.ended).toBe(1);
    const none = firn(['diff', log, moment, 'now', '-n', 'elsewhere']);
    expect(await none.ended).toBe(0);
    expect(none.stdout).toBe('');
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
    [['get', 'configmaps', '--at', '10:00'], 2, /--at needs --log/],
    [['get', 'configmaps', '--log', 'x', '-l', 'a=b'], 2, /--log and --selector exclude each other/],
    [['get', 'a,b', '--log', 'x'], 2, /name one resource/],
    [['diff', 'x', 'now'], 2, /Name the folder and two moments/],
    [['diff', 'x', 'yesterday', 'now'], 2, /is no moment/],
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
