/** Owns the promise that the command prints no secret unless it is asked for whole objects. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { body, ScriptedServer } from '../bad-input/scripted-server.ts';
import { type FirnProcess, firn } from '../cli/firn-process.ts';
import { base64, expectNothingPlanted, PLANTED } from './planted.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const secret = (more: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    namespace: 'shop',
    name: 'a',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${PLANTED.lastApplied}${more}"}`,
    },
  },
  data: { password: base64(PLANTED.secretData), more: base64(`${PLANTED.secretData}${more}`) },
});

function expectSilent({ stdout, stderr, child }: FirnProcess): void {
  const command = child.spawnargs.slice(3).join(' ');
  expectNothingPlanted(stdout, `output of ${command}`);
  expectNothingPlanted(stderr, `error output of ${command}`);
}

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe('with Secrets', () => {
  let server: ApiServer;
  let file: string;
  beforeEach(async () => {
    server = await startApiServer({ objects: [secret('')], tokens: [PLANTED.bearer] });
    file = await fileOf('kubeconfig', server.kubeconfigYaml);
  });
  afterEach(() => server.close());

  it('get, watch, record, diff and verify show names and places, but no values', async () => {
    const log = join(folder, 'log');
    const record = firn(['record', log, 'secrets', '-A', '--log-level', 'debug', '--kubeconfig', file]);
    await record.until(({ stderr }) => stderr.includes('in sync'));
    const before = new Date().toISOString();
    const watches = [[], ['-o', 'name'], ['-o', 'wide'], ['--log-level', 'debug']].map((flags) =>
      firn(['watch', 'secrets', '-A', ...flags, '--kubeconfig', file]),
    );
    for (const watch of watches) await watch.until(({ stderr }) => stderr.includes('in sync'));
    await server.patch(secret(' changed'));
    for (const watch of watches) {
      await watch.until(({ stdout }) => stdout.split('\n').length > 2);
      watch.child.kill('SIGINT');
      await watch.ended;
      expectSilent(watch);
    }
    for (const args of [
      ['get', 'secrets', '-A'],
      ['get', 'secrets', 'shop', 'a', '-o', 'wide'],
      ['get', 'secrets', 'shop', 'a', '-o', 'name', '--log-level', 'debug'],
      ['get', 'secrets', 'shop', 'nothing'],
    ]) {
      const get = firn([...args, '--kubeconfig', file]);
      await get.ended;
      expectSilent(get);
    }
    record.child.kill('SIGINT');
    await record.ended;
    expectSilent(record);
    for (const args of [
      ['diff', log, before, 'now'],
      ['diff', log, before, 'now', '-o', 'json'],
      ['verify', log],
      ['get', 'secrets', '--log', log],
      ['get', 'secrets', '--log', log, '-o', 'yaml'],
    ]) {
      const run = firn(args);
      expect(await run.ended).toBe(0);
      expectSilent(run);
    }
  }, 60_000);

  it('wrong flags and names are told without the kubeconfig', async () => {
    const runs = [
      ['get', 'secrets', '--contex', 'x'],
      ['get', 'secrets', '--context', 'x'],
      ['get', 'secretz'],
      ['get', 'secrets', '-l', '=='],
      ['watch', 'secrets', '-o', 'nothing'],
      ['record', join(folder, 'log'), 'secrets', '--fsync', 'x'],
    ].map((args) => firn([...args, '--kubeconfig', file]));
    for (const run of runs) {
      expect(await run.ended).toBeGreaterThan(0);
      expectSilent(run);
    }
  }, 30_000);
});

describe('with a connection that fails', () => {
  const kubeconfig = (server: string, user: string, cluster = ''): string =>
    [
      'apiVersion: v1',
      'kind: Config',
      'current-context: one',
      `clusters: [{ name: cluster, cluster: { server: '${server}'${cluster} } }]`,
      'contexts: [{ name: one, context: { cluster: cluster, user: user } }]',
      `users: [{ name: user, user: ${user} }]`,
    ].join('\n');
  const token = `{ token: ${PLANTED.bearer} }`;
  const plugin = (script: string): string =>
    `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, '${script}'], env: [{ name: WORD, value: ${PLANTED.pluginEnvironment} }], interactiveMode: Never } }`;
  const there = ({ url }: ScriptedServer): string => url;

  it.each<[string, (server: ScriptedServer) => string]>([
    ['a token that is refused', (server) => kubeconfig(there(server), token)],
    [
      'a password that is refused',
      (server) => kubeconfig(there(server), `{ username: me, password: ${PLANTED.password} }`),
    ],
    ['TLS that nobody speaks', ({ port }) => kubeconfig(`https://127.0.0.1:${port}`, token)],
    [
      'a client key that is none',
      ({ port }) =>
        kubeconfig(
          `https://127.0.0.1:${port}`,
          `{ client-certificate-data: ${base64('none')}, client-key-data: ${base64(PLANTED.clientKey)} }`,
        ),
    ],
    ['a plugin that fails', (server) => kubeconfig(there(server), plugin('echo $WORD >&2; exit 1'))],
    [
      'a plugin that prints no JSON',
      (server) => kubeconfig(there(server), plugin(`echo ${PLANTED.pluginOutput}`)),
    ],
    [
      'a proxy that refuses',
      (server) =>
        kubeconfig(
          there(server),
          token,
          `, proxy-url: 'http://me:${PLANTED.proxyPassword}@127.0.0.1:${server.port}'`,
        ),
    ],
    [
      'an address with a token',
      () => kubeconfig(`http://me:${PLANTED.serverPassword}@127.0.0.1:1/?token=${PLANTED.queryToken}`, token),
    ],
    [
      'a password that is an alias',
      (server) => kubeconfig(there(server), `{ username: me, password: *${PLANTED.password} }`),
    ],
    [
      'a password that is a tag',
      (server) => kubeconfig(there(server), `{ username: me, password: !${PLANTED.password} }`),
    ],
    [
      'a password that ends in the middle',
      (server) => kubeconfig(there(server), `{ password: "${PLANTED.password}`),
    ],
  ])(
    '%s: nothing secret is printed',
    async (_, text) => {
      await using server = await ScriptedServer.start();
      const kubeconfigText = text(server);
      const isBasic = kubeconfigText.includes('username');
      const repeated = isBasic ? `${base64(`me:${PLANTED.password}`)} ${PLANTED.password}` : PLANTED.bearer;
      const echo = body(`no use: ${repeated}`, { 'content-type': 'text/plain' }, 401);
      for (const kind of ['other', 'list', 'watch', 'watch-list'] as const) server.answer(kind, echo);
      const file = await fileOf('kubeconfig', kubeconfigText);
      const get = firn(['get', 'v1/configmaps', '--log-level', 'debug', '--kubeconfig', file]);
      const watch = firn(['watch', 'v1/configmaps', '--log-level', 'debug', '--kubeconfig', file]);
      expect(await get.ended).toBe(1);
      expect(get.stderr).toMatch(/firn: /);
      expectSilent(get);
      await Promise.race([watch.ended, watch.until(({ stderr }) => /no connection yet|firn: /.test(stderr))]);
      watch.child.kill('SIGINT');
      await watch.ended;
      expectSilent(watch);
    },
    30_000,
  );
});
