import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '@firn/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirnProcess, firn, jsonLines } from '../cli/firn-process.ts';
import { body, CONTENTS, configMapText, frameText, ScriptedServer, TOKEN } from './scripted-server.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firn-test-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string | Uint8Array): string {
  const file = join(folder, `kubeconfig-${Math.random()}`);
  writeFileSync(file, text);
  return file;
}

function kubeConfigText(server: string, more = 'current-context: one'): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{ name: cluster, cluster: { server: '${server}' } }]`,
    `contexts: [{ name: one, context: { cluster: cluster, user: user, namespace: shop } }]`,
    `users: [{ name: user, user: { token: ${TOKEN} } }]`,
    more,
  ].join('\n');
}

/** Ends with this code and says why on the error output, in few lines and without secrets; the output stays empty. */
async function expectRefusal(run: FirnProcess, code: number, says: RegExp): Promise<void> {
  expect(await run.ended).toBe(code);
  expect(run.stderr).toMatch(says);
  expect(run.stderr).toMatch(/^firn: /);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  expect(run.stderr).not.toContain(TOKEN);
  expect(run.stderr).not.toContain(CONTENTS);
  expect(run.stdout).toBe('');
}

describe('firn with a kubeconfig', () => {
  const there = kubeConfigText('http://127.0.0.1:1');
  it.each([
    ['that is not there', undefined, /there is no file .*gone.*--kubeconfig FILE.*firn demo/s],
    ['that is empty', '', /no cluster is known: nothing stands in .*--kubeconfig FILE/s],
    ['that is no YAML', `${there}\n  bad: [`, /cannot be read: .*\(\d+:\d+\).*Correct it/],
    ['that is a text of something else', TOKEN, /no contexts.*Is it a kubeconfig\?/],
    [
      'without a current context',
      there.replace('current-context: one', ''),
      /no current context.*--context: one/,
    ],
    [
      'whose current context is gone',
      there.replace('text: one', 'text: two'),
      /"two" without a cluster.*--context: one/,
    ],
    ['whose cluster is gone', there.replace('cluster: cluster,', 'cluster: no,'), /"one" without a cluster/],
    [
      'whose user is gone',
      there.replace('user: user,', 'user: nobody,'),
      /names the user nobody, which is not in the kubeconfig/,
    ],
    ['whose server is no URL', kubeConfigText('somewhere'), /server of cluster cluster.*https:\/\/host:port/],
  ])('%s: exit 1', async (_, text, says) => {
    const file = text === undefined ? join(folder, 'gone') : fileOf(text);
    await expectRefusal(firn(['watch', 'configmaps', '--kubeconfig', file]), 1, says);
  });

  it('and a context that it does not have: exit 1, with those it has', async () => {
    const run = firn(['get', 'configmaps', '--kubeconfig', fileOf(there), '--context', 'oen']);
    await expectRefusal(run, 1, /no context "oen"\. It has: one/);
  });
});

describe('firn with a server', () => {
  it('that shows a certificate nobody knows: exit 1', async () => {
    await using server = await startApiServer({ tls: true, tokens: [TOKEN] });
    const file = fileOf(kubeConfigText(server.url));
    const run = firn(['get', 'configmaps', '--kubeconfig', file]);
    await expectRefusal(run, 1, /certificate-authority of the kubeconfig did not sign/);
  });

  it('behind a page of a proxy: exit 1', async () => {
    await using server = await ScriptedServer.start();
    const page = body(`<html><title>Sign in</title>${CONTENTS}</html>`, { 'content-type': 'text/html' });
    for (const kind of ['other', 'list', 'watch', 'watch-list'] as const) server.answer(kind, page);
    const file = fileOf(kubeConfigText(server.url));
    await expectRefusal(firn(['get', 'v1/configmaps', '--kubeconfig', file]), 1, /HTML/);
    await expectRefusal(firn(['watch', 'configmaps', '--kubeconfig', file]), 1, /HTML/);
  });

  it('that does not know the resource: exit 1, with the nearest names', async () => {
    await using server = await startApiServer();
    const file = fileOf(server.kubeconfigYaml);
    for (const [names, nearest] of [
      ['pods,ingreses', /Did you mean .*networking\.k8s\.io\/v1\/ingresses/],
      ['v1/ingresses', /networking\.k8s\.io\/v1\/ingresses/],
    ] as const) {
      await expectRefusal(firn(['watch', names, '--kubeconfig', file]), 1, nearest);
    }
  });

  it('and too many keys: exit 2, before anything is listed', async () => {
    await using server = await startApiServer();
    const file = fileOf(server.kubeconfigYaml);
    const run = firn(['get', 'configmaps', 'shop', 'a', 'x', '--kubeconfig', file]);
    await expectRefusal(run, 2, /3 keys are too many: the index has metadata\.namespace, metadata\.name/);
    expect(server.requests.filter(({ kind }) => kind === 'list' || kind === 'watch-list')).toEqual([]);
  });

  it('that sends nonsense: watch says so, shows no nonsense, and goes on', async () => {
    await using server = await ScriptedServer.start(['a']);
    const watch = firn(['watch', 'v1/configmaps', '--kubeconfig', fileOf(kubeConfigText(server.url))]);
    await watch.until(({ stderr }) => stderr.includes('in sync'));
    const heal = server.answer('watch-list', body('{"kind":"Status"}', {}, 429));
    server.send(server.keep('before'), frameText('RENAMED', configMapText('odd', 99)), server.keep('after'));
    await watch.until(({ stderr }) => stderr.includes('connection lost'));
    heal();
    await watch.until(({ stdout }) => stdout.includes('"name":"after"'));
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(130);
    expect(watch.stderr).toMatch(/configmaps: .*v1\/configmaps.*(RENAMED|429)/);
    expect(watch.stderr).not.toContain(CONTENTS);
    const changes = jsonLines(watch.stdout).filter(({ type }) => type !== 'state');
    expect(changes.map(({ type, name }) => [type, name])).toEqual([
      ['added', 'a'],
      ['added', 'before'],
      ['added', 'after'],
    ]);
  }, 30_000);
});

describe('firn and odd data', () => {
  const data =
    '{"lone":"a\\ud800z","\\udfff":"b","sep":"\u2028\u2029","esc":"\\u001b[31m\\n","__proto__":{"polluted":true},"big":9007199254740993}';

  it('every JSON line is one line and reads back as the resource', async () => {
    await using server = await ScriptedServer.start(['a']);
    const texts = [
      configMapText('odd', 99, data),
      configMapText('odd', 100, data.replace('lone', 'changed')),
    ];
    const run = firn([
      'watch',
      'v1/configmaps',
      '-o',
      'json',
      '--kubeconfig',
      fileOf(kubeConfigText(server.url)),
    ]);
    server.keep('odd', texts[0]);
    await run.until(({ stdout }) => stdout.includes('"name":"odd"'));
    server.write('odd', texts[1]);
    await run.until(({ stdout }) => stdout.includes('"modified"'));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    const objects = jsonLines(run.stdout)
      .filter(({ name }) => name === 'odd')
      .map(({ object }) => object);
    expect(objects.map((object) => JSON.stringify(object))).toEqual(
      texts.map((text) => JSON.stringify(JSON.parse(text))),
    );
    for (const hidden of ['\u001b', '\u2028', '\u2029']) expect(run.stderr).not.toContain(hidden);
  });

  it('get prints it as JSON exactly, and names with control characters made visible', async () => {
    await using server = await ScriptedServer.start([]);
    server.keep('odd', configMapText('odd', 99, data));
    server.keep('esc', configMapText('a\\u001b[31m\\u2028\\ud800', 98));
    const file = fileOf(kubeConfigText(server.url));
    const json = firn(['get', 'v1/configmaps', 'shop', 'odd', '-o', 'json', '--kubeconfig', file]);
    expect(await json.ended).toBe(0);
    expect(JSON.stringify(JSON.parse(json.stdout))).toBe(
      JSON.stringify(JSON.parse(configMapText('odd', 99, data))),
    );
    const table = firn(['get', 'v1/configmaps', '-A', '--kubeconfig', file]);
    expect(await table.ended).toBe(0);
    expect(table.stdout).toContain('a\\u001b[31m\\u2028\\ud800');
    for (const hidden of ['\u001b', '\u2028', '\ufffd']) expect(table.stdout).not.toContain(hidden);
  });
});

describe('firn demo', () => {
  it('on a port that is taken: exit 1, with what to do', async () => {
    await using server = await ScriptedServer.start();
    const run = firn(['demo', '--port', String(server.port), '--for', '1s']);
    await expectRefusal(run, 1, new RegExp(`Port ${server.port} is taken by another program.*--port`));
    expect(server.asked()).toEqual([]);
  });
});
