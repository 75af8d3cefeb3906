/** Owns the promise that no secret leaves by an error, a log line or a recorded error, whatever fails. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirnError, type KubernetesObject } from '@firn/core';
import { createFlightRecorder, createResourceClient, createWatcher } from '@firn/runtime';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type Answer,
  body,
  configMapText,
  frameText,
  openFrames,
  ScriptedServer,
} from '../bad-input/scripted-server.ts';
import { allTextsOf, base64, expectNothingPlanted, PLANTED } from './planted.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Situation {
  /** What the server answers to everything. */
  readonly answer?: Answer;
  /** What a watch gets; lists are answered as usual. */
  readonly watch?: Answer;
  readonly user?: Partial<User>;
  readonly cluster?: (server: ScriptedServer) => Partial<Cluster>;
}

const every = (answer: Answer): Situation => ({ answer });
const status = (code: number, message: string): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    code,
    message,
    reason: 'x',
    details: { causes: [{ message }] },
  });
/** What a server may have been told, and may tell again. */
const ECHO = `the token ${PLANTED.bearer} (Bearer ${PLANTED.bearer}) of ${'x'.repeat(200)} ${PLANTED.bearer}`;
const ECHOED_PASSWORD = `Basic ${base64(`me:${PLANTED.password}`)}, me:${PLANTED.password}, ${PLANTED.password}`;
const sh = (script: string): Partial<User> => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', script],
    env: [{ name: 'PASSPHRASE', value: PLANTED.pluginEnvironment }],
    interactiveMode: 'Never',
  },
});
const printed = (stdout: string): Partial<User> => sh(`printf '%s' '${stdout}'`);
const secretText = configMapText('a', 99, `{"x":"${base64(PLANTED.secretData)}"}`);
const proxyTo = (url: (server: ScriptedServer) => string) => (server: ScriptedServer) => ({
  proxyUrl: url(server),
});

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'a 401 that repeats the credentials': every(body(ECHO, { 'content-type': 'text/plain' }, 401)),
  'a 401 that repeats a password': {
    ...every(body(status(401, ECHOED_PASSWORD), {}, 401)),
    user: { username: 'me', password: PLANTED.password },
  },
  'a 403 whose status repeats the credentials': every(body(status(403, ECHO), {}, 403)),
  'a page that repeats the credentials': every(
    body(`<html><title>${ECHO}</title>`, { 'content-type': 'text/html' }, 502),
  ),
  'a list that is a page': every(body(`<html>${ECHO}`, { 'content-type': `text/html; ${PLANTED.bearer}` })),
  'a warning that repeats the credentials': every(body('{}', { warning: `299 - "${ECHO}"` }, 503)),
  'an event of an error that repeats the credentials': {
    watch: openFrames(frameText('ERROR', status(500, ECHO))),
  },
  'a redirect with a token': every(
    body('', { location: `http://127.0.0.1:1/x?token=${PLANTED.queryToken}` }, 302),
  ),
  'a frame that is no JSON': { watch: openFrames(`{"type":"ADDED","object":${secretText.slice(0, -9)}`) },
  'a frame of another kind': {
    watch: openFrames(frameText('ADDED', secretText.replace('ConfigMap', 'Secret'))),
  },
  'a frame that is no event': { watch: openFrames(secretText) },
  'a list that is no JSON': every(
    body(`{"kind":"ConfigMapList","items":[{"a":${base64(PLANTED.secretData)}}]}`),
  ),
  'chunks that are none': every((response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${PLANTED.secretData}\r\n`);
  }),
  'an answer that is no HTTP': every((response) => void response.socket?.end(`${ECHO}\r\n\r\n`)),
  'a client key that cannot be read': {
    user: { certData: base64('no certificate'), keyData: base64(PLANTED.clientKey) },
    cluster: ({ port }) => ({ server: `https://127.0.0.1:${port}` }),
  },
  'TLS that nobody speaks': { cluster: ({ port }) => ({ server: `https://127.0.0.1:${port}` }) },
  'a plugin that fails, and says what it was given': {
    user: sh(`echo "no use: $PASSPHRASE" >&2; exit 1`),
  },
  'a plugin that prints no JSON': { user: printed(`{"status":{"token":${PLANTED.pluginOutput}`) },
  'a plugin that prints other JSON': { user: printed(JSON.stringify({ token: PLANTED.pluginOutput })) },
  'a plugin that prints a credential and fails': {
    user: sh(`echo '{"status":{"token":"${PLANTED.pluginOutput}"}}'; exit 3`),
  },
  'a plugin whose token is refused': {
    ...every(body(`Bearer ${PLANTED.pluginOutput}`, { 'content-type': 'text/plain' }, 401)),
    user: printed(
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token: PLANTED.pluginOutput },
      }),
    ),
  },
  'a plugin that is not there': {
    user: { exec: { command: 'firn-no-such-plugin', args: [`--token=${PLANTED.pluginEnvironment}`] } },
  },
  'a proxy that is not there': {
    cluster: proxyTo(() => `http://me:${PLANTED.proxyPassword}@127.0.0.1:1`),
  },
  'a proxy that is no proxy': {
    ...every(body(`me:${PLANTED.proxyPassword}`, { 'content-type': 'text/plain' }, 407)),
    cluster: proxyTo(({ port }) => `http://me:${PLANTED.proxyPassword}@127.0.0.1:${port}`),
  },
  'a SOCKS proxy that speaks HTTP': {
    cluster: proxyTo(({ port }) => `socks5://me:${PLANTED.proxyPassword}@127.0.0.1:${port}`),
  },
  'a SOCKS proxy that is not there': {
    cluster: proxyTo(() => `socks5://me:${PLANTED.proxyPassword}@127.0.0.1:1`),
  },
  'a server whose address has a password and a token': {
    cluster: () => ({
      server: `http://me:${PLANTED.serverPassword}@127.0.0.1:1/?token=${PLANTED.queryToken}#${PLANTED.queryToken}`,
    }),
  },
};

function kubeConfigOf(server: ScriptedServer, { user, cluster }: Situation): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'cluster', server: server.url, skipTLSVerify: true, ...cluster?.(server) },
    { name: 'user', ...(user ?? { token: PLANTED.bearer }) },
  );
  return kubeConfig;
}

it.each(Object.entries(SITUATIONS))('%s', async (_, situation) => {
  await using server = await ScriptedServer.start(['a']);
  for (const kind of ['list', 'watch', 'watch-list', 'other'] as const) {
    const answer = situation.answer ?? (kind === 'watch' ? situation.watch : undefined);
    if (answer !== undefined) server.answer(kind, answer);
  }
  const kubeConfig = kubeConfigOf(server, situation);
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const eventLog = createFlightRecorder();
  const common = {
    logger,
    initialList: 'list',
    backoff: { initial: 10, factor: 2, cap: 50, jitter: 0 },
  } as const;
  const full = createWatcher<KubernetesObject>(kubeConfig, { ...common, gvr: 'v1/configmaps', eventLog });
  const errors: FirnError[] = [];
  const states: unknown[] = [];
  full.errors$.subscribe((error) => errors.push(error));
  full.state$.subscribe((state) => states.push(state));
  full.start();
  await expect.poll(() => errors.length + lines.length, { timeout: 10_000 }).toBeGreaterThan(1);
  await expect.poll(() => errors.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const client = createResourceClient(kubeConfig);
  const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
  const identity = { namespace: 'shop', name: 'a' };
  const refusal: unknown = await client.get(configMaps, identity, {}).catch((error: unknown) => error);
  const list: unknown = await client
    .list?.(configMaps, { namespace: 'shop' }, {})
    .catch((error: unknown) => error);
  await full.stop();
  for (const error of [...errors, refusal, list]) expectNothingPlanted(allTextsOf(error), 'error');
  expect(errors.every((error) => error instanceof FirnError)).toBe(true);
  expectNothingPlanted(allTextsOf({ full, states, client }), 'shown');
  expectNothingPlanted(lines.join(''), 'log lines');
  await eventLog.dump(join(folder, 'dump'));
  const names = await readdir(join(folder, 'dump'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'dump', name), 'latin1')));
  expectNothingPlanted(texts.join('\n'), 'dump');
});

it('a token file that is gone, and one that holds what no header takes', async () => {
  await using server = await ScriptedServer.start(['a']);
  const file = join(folder, 'token');
  for (const contents of [undefined, `${PLANTED.tokenFile}\nsecond: line`, `${PLANTED.tokenFile}\u0000`]) {
    if (contents !== undefined) await writeFile(file, contents);
    const kubeConfig = kubeConfigOf(server, {
      user: { authProvider: { name: 'tokenFile', config: { tokenFile: file } } },
    });
    const refusal: unknown = await createResourceClient(kubeConfig)
      .get({ group: '', version: 'v1', resource: 'configmaps' }, { namespace: 'shop', name: 'a' }, {})
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FirnError);
    expectNothingPlanted(allTextsOf(refusal), 'error');
  }
});
