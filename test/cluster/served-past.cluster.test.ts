/** A run of a real API server, served afterwards: kubectl sees what it saw then, and what came next. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject } from '@firn/core';
import { createRuntime, openEventLog, watched } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { firn } from '../cli/firn-process.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { findAssets } from './harness/find-assets.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlList, kubectlWrite } from './support/kubectl.ts';
import { certificate, certificateDefinition, pod } from './support/manifests.ts';
import { PATIENCE } from './support/patience.ts';
import { type HistoryLine, watchHistory } from './support/watch-history.ts';

const DEFINITION = certificateDefinition();
const label = (value: string) => ({ namespace: 'default', labels: { value } });

let cluster: Cluster;
let folder = '';
let command = '';
let log = '';
/** The moment, what there was, and what the server said came afterwards. */
let moment = '';
let pods: readonly KubernetesObject[] = [];
let history: readonly HistoryLine[] = [];

beforeAll(async () => {
  ({ kubectl: command } = await findAssets());
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), 'firn-past-'));
  log = join(folder, 'log');
  await kubectlWrite(cluster, 'create', DEFINITION);
  await kubectl(cluster, ['wait', 'crd/certificates.example.com', '--for=condition=established']);
  const isServed = async () => (await cluster.kubectl(['get', 'certificates', '-A'])).code === 0;
  await vi.waitUntil(isServed, PATIENCE);
  await kubectlWrite(cluster, 'create', certificate('front', 'shop.example.com'));
  await kubectlWrite(cluster, 'create', pod('a', label('1')), pod('b', label('1')));

  await using eventLog = await openEventLog(log);
  await using runtime = createRuntime({
    kubeConfig: kubeConfigOf(cluster),
    resources: {
      pods: watched('v1/pods', { ignoreFields: [] }),
      certificates: watched('example.com/v1/certificates'),
    },
    eventLog,
  });
  runtime.start();
  await runtime.ready();
  pods = await kubectlList(cluster, ['pods', '-A']);
  await eventLog.flush();
  const now = Date.now() + 1;
  moment = new Date(now).toISOString();
  const { resourceVersion = '' } = runtime.stores.pods.snapshot;
  await vi.waitUntil(() => Date.now() > now);
  await kubectlWrite(cluster, 'apply', pod('a', label('2')));
  await kubectlWrite(cluster, 'create', pod('c', label('1')));
  await kubectl(cluster, ['delete', 'pod', 'b', '--force', '--grace-period=0']);
  history = await watchHistory(cluster, '/api/v1/pods', resourceVersion);
  await runtime.watchers.pods.reached(history.at(-1)?.split('@')[1] ?? '');
});
afterAll(async () => {
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Serves the log at the moment; gives how kubectl is started against it. */
async function served(...more: readonly string[]): Promise<(...args: readonly string[]) => ChildProcess> {
  const run = firn(['serve', log, '--at', moment, ...more]);
  await run.until(({ stdout }) => stdout.endsWith('\n'));
  const [, kubeconfig = ''] = /--kubeconfig (\S+)/.exec(run.stdout) ?? [];
  return (...args) => {
    const { PATH = '' } = process.env;
    const child = spawn(command, args, { env: { PATH, HOME: folder, KUBECONFIG: kubeconfig } });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
}

/** What kubectl printed, in one. */
async function outputOf(child: ChildProcess): Promise<string> {
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  return `${out}${err}`.trim();
}

describe('a served past', () => {
  it('is the present of then, to kubectl', async () => {
    const past = await served();
    expect(await outputOf(past('get', 'pods', '-A'))).toMatch(
      /^NAMESPACE\s+NAME\s+AGE\ndefault\s+a\s+\d+s\ndefault\s+b\s+\d+s$/,
    );
    const json = await outputOf(past('get', 'pods', '-A', '-o', 'json', '--show-managed-fields'));
    expect(JSON.parse(json).items).toEqual(pods);
    expect(await outputOf(past('get', 'certificates', '-A', '-o', 'jsonpath={.items[*].spec.host}'))).toBe(
      'shop.example.com',
    );
    expect(await outputOf(past('get', 'pods', '-l', 'value=2'))).toMatch(/^No resources found/);
    expect(await outputOf(past('api-resources', '--api-group=example.com'))).toMatch(
      /\ncertificates\s+example.com\/v1\s+true\s+Certificate$/,
    );
  });

  it.each([
    [['delete', 'pod', 'a'], ''],
    [['label', 'pod', 'a', 'new=yes'], ''],
    [['create', 'configmap', 'new'], 'error: failed to create configmap: '],
    [['delete', 'certificates', '--all'], ''],
  ])('refuses kubectl %j, and says why', async (args, before) => {
    const past = await served();
    const why = 'this server shows the past, read only: nothing can be created, changed or deleted';
    const said = await outputOf(past(...args));
    const start = before === '' ? 'Error from server (MethodNotAllowed): ' : before;
    expect(said).toBe(`${start}${why}`);
  });

  it('goes on in the tables of kubectl get -w, too', async () => {
    const past = await served('--speed', 'max');
    const child = past('get', 'pods', '-w', '--no-headers');
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const names = (): string[] =>
      seen
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)[0] ?? '');
    const then = history.map((line) => line.split(/[ @]/)[1]);
    await expect.poll(names, PATIENCE).toEqual(['a', 'b', ...then]);
    child.kill();
    await once(child, 'close');
  });

  it('goes on as it went on, under kubectl get -w', async () => {
    const past = await served('--speed', '10');
    const path = ['-o', 'jsonpath={.type} {.object.metadata.name}@{.object.metadata.resourceVersion}{"\\n"}'];
    const child = past('get', 'pods', '-A', '-w', '--output-watch-events', ...path);
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const types = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;
    const first = pods.map(({ metadata }) => `ADDED ${metadata?.name}@${metadata?.resourceVersion}`);
    const then = history.map((line) => {
      const [type, object] = line.split(' ');
      return `${types[type as keyof typeof types]} ${object}`;
    });
    await expect.poll(() => seen.trim().split('\n'), PATIENCE).toEqual([...first, ...then]);
    child.kill();
    await once(child, 'close');
  });
});
