/** Owns what names can do that were chosen to do harm: to a terminal that shows them, to objects that are keyed by them. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import { createRuntime, openEventLog, replay, watched } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirnProcess, firn } from '../cli/firn-process.ts';
import { body, configMapText, ScriptedServer } from './scripted-server.ts';

/** Clears a screen, sets its title, begins anew in one byte, and turns around what follows. */
const NAME = 'a\\u001b[2J\\u001b]0;x\\u0007\\u009b31m\\r\\u202eb';
const HIDDEN = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2028\u2029]/u;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function kubeconfigOf(server: { readonly kubeConfig: { exportConfig(): string } }): Promise<string> {
  const file = join(folder, 'kubeconfig');
  await writeFile(file, server.kubeConfig.exportConfig());
  return file;
}

function expectPlain({ stdout, stderr }: FirnProcess): void {
  expect(stdout).not.toMatch(HIDDEN);
  expect(stderr).not.toMatch(HIDDEN);
}

describe('names with escape sequences', () => {
  const hostile = (version: number, value = '1'): string =>
    configMapText(NAME, version, `{"${NAME}":"${NAME}${value}"}`).replace(
      '"name"',
      `"labels":{"x":"${NAME}"},"name"`,
    );

  it('are shown, not obeyed: by watch, record and diff, line by line', async () => {
    await using server = await ScriptedServer.start();
    server.keep('one', hostile(20));
    const file = await kubeconfigOf(server);
    const log = join(folder, 'log');
    const record = firn(['record', log, 'v1/configmaps', '-n', 'shop', '--kubeconfig', file]);
    await record.until(({ stderr }) => stderr.includes('in sync'));
    const before = new Date().toISOString();
    for (const output of ['wide', 'name', 'yaml', 'json']) {
      const watch = firn(['watch', 'v1/configmaps', '-o', output, '--kubeconfig', file]);
      await watch.until(({ stdout }) => stdout.includes('\\u202eb'));
      server.write('one', hostile(Date.now()));
      await watch.until(({ stdout }) => stdout.split('\\u202eb').length > 2);
      watch.child.kill('SIGINT');
      await watch.ended;
      expectPlain(watch);
    }
    const last = Date.now() + 1;
    server.write('one', hostile(last, '2'));
    await expect
      .poll(() => readFile(join(log, '00000001.jsonl'), 'utf8'), { timeout: 10_000 })
      .toContain(`"resourceVersion":"${last}"`);
    record.child.kill('SIGINT');
    expect(await record.ended).toBe(130);
    expectPlain(record);
    const diff = firn(['diff', log, before, 'now']);
    expect(await diff.ended).toBe(0);
    expect(diff.stdout).toContain('\\u001b[2J');
    expectPlain(diff);
    const verify = firn(['verify', log]);
    expect(await verify.ended).toBe(0);
    expectPlain(verify);
  }, 40_000);

  it('are shown, not obeyed, where a server puts them into a refusal or a warning', async () => {
    await using server = await ScriptedServer.start();
    const file = await kubeconfigOf(server);
    const status = `{"kind":"Status","code":403,"reason":"${NAME}","message":"${NAME}","details":{"causes":[{"message":"${NAME}"}]}}`;
    for (const kind of ['other', 'list', 'watch', 'watch-list'] as const)
      server.answer(kind, body(status, { warning: '299 - "\u009b2J"' }, 403));
    for (const args of [
      ['get', 'v1/configmaps'],
      ['get', 'configmaps'],
      ['watch', 'v1/configmaps', '--log-level', 'debug'],
    ]) {
      const run = firn([...args, '--kubeconfig', file]);
      await Promise.race([run.ended, run.until(({ stderr }) => stderr.includes('\\u202eb'))]);
      run.child.kill('SIGINT');
      await run.ended;
      expect(run.stderr).toContain('\\u202eb');
      expectPlain(run);
    }
  });

  it('are shown, not obeyed, where a user gives them', async () => {
    const odd = 'a\u001b[2J\u009b31m\u202e';
    const runs = [
      [odd],
      ['watch', odd],
      ['get', 'pods', `--${odd}`],
      ['get', 'v1/pods', '-n', odd],
      ['get', 'v1/pods', '-l', odd],
      ['get', 'v1/pods', '--kubeconfig', odd],
      ['get', 'v1/pods', '--log', odd],
      ['verify', odd],
      ['diff', odd, odd, odd],
      ['record', join(folder, 'log'), odd, '--fsync', odd],
    ].map((args) => firn(args));
    for (const run of runs) {
      expect(await run.ended).toBeGreaterThan(0);
      expect(run.stderr).toMatch(/^firn: /);
      expectPlain(run);
    }
  }, 40_000);
});

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer();
  });
  afterEach(() => server.close());

  it('are names like others: of resources in a runtime and its log, of indexes, of data', async () => {
    const data = Object.fromEntries(names.map((name) => [name, name]));
    const metadata = { namespace: 'shop', name: 'a' };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    await server.create(map);
    const indexes = Object.fromEntries(names.map((name) => [name, [`data['${name}']`]]));
    const resource = watched('v1/configmaps', { namespace: 'shop', indexes });
    const eventLog = await openEventLog(join(folder, 'log'), { segmentBytes: 1000, compress: false });
    const runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: Object.fromEntries(names.map((name) => [name, resource])),
      eventLog,
    });
    runtime.start();
    await runtime.ready();
    for (let i = 0; i < 20; i++) {
      const written: KubernetesObject = await server.patch({
        ...map,
        data: { ...data, more: `${i}`.repeat(200) },
      });
      const { resourceVersion = '' } = written.metadata ?? {};
      for (const name of names) await runtime.watchers[name]?.reached(resourceVersion);
      await eventLog.flush();
    }
    for (const name of names) {
      expect(Object.hasOwn(runtime.stores, name)).toBe(true);
      const store = runtime.stores[name];
      for (const index of names) expect(store?.index(index).get(index)).toHaveLength(1);
      expect(() => store?.index('valueOf')).toThrow(expect.objectContaining({ code: 'UNKNOWN_INDEX' }));
    }
    expect(Object.keys(runtime.snapshot()).sort()).toEqual([...names].sort());
    await runtime.stop();
    await eventLog.close();

    const log = await replay(join(folder, 'log'));
    expect(Object.keys(log.resources).sort()).toEqual([...names].sort());
    expect((await readdir(join(folder, 'log'))).length).toBeGreaterThan(1);
    for (const name of names) {
      expect(log.resources[name]).toEqual({ gvr: 'v1/configmaps', store: 'full', redacted: [] });
      const digest = (await log.at({ modCount: 21 }, name)).digest();
      expect(digest).toBe(runtime.stores[name]?.snapshot.digest());
    }
    await expect(log.at({ modCount: 1 }, 'valueOf')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
    expect(await log.verify()).toMatchObject({ damage: undefined, mismatches: [] });
    expect(({} as Record<string, unknown>).gvr).toBeUndefined();
  });
});
