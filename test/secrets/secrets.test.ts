/** Owns the promise that no secret leaves by what firn writes, tells or shows of itself while all is well. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIndexer, diff, emptySnapshot, type KubernetesObject, reduce, stage } from '@firn/core';
import {
  createFlightRecorder,
  createResourceClient,
  createRuntime,
  createSingleWatcher,
  createWatcher,
  openEventLog,
  replay,
  watched,
} from '@firn/runtime';
import { createFakeClient, startApiServer } from '@firn/runtime/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allTextsOf, base64, expectNothingPlanted, PLANTED } from './planted.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const secret = (name: string, more = '') => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    namespace: 'shop',
    name,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${PLANTED.lastApplied}"}` },
  },
  data: { password: base64(PLANTED.secretData), more: base64(`${PLANTED.secretData}${more}`) },
});

/** A logger at its lowest level, and what it wrote. */
function writingLogger() {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
}

async function textOf(directory: string): Promise<string> {
  const names = await readdir(directory);
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'latin1')))).join('\n');
}

describe('nothing secret stands', () => {
  it('in a log, a dump, log lines, nor in any object that a program may print', async () => {
    await using server = await startApiServer({
      objects: [secret('a'), secret('b')],
      tokens: [PLANTED.bearer],
    });
    const { logger, lines } = writingLogger();
    const eventLog = await openEventLog(join(folder, 'log'), { compress: false });
    const recorder = createFlightRecorder();
    const runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: {
        full: watched('v1/secrets', { indexes: { type: ['type'] } }),
        references: watched('v1/secrets', { store: 'on-demand' }),
      },
      eventLog,
      logger,
    });
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/secrets', eventLog: recorder, logger });
    await using single = createSingleWatcher(server.kubeConfig, {
      gvr: 'v1/secrets',
      namespace: 'shop',
      name: 'a',
      onChange: () => undefined,
      logger,
    });
    // An event of events$ is left out: like a resource it is the data itself, for whoever asked for it.
    const seen: unknown[] = [];
    runtime.changes$.subscribe((change) => seen.push(change));
    runtime.stores.full.snapshots$.subscribe((snapshot) => seen.push(snapshot));
    runtime.watchers.full.state$.subscribe((state) => seen.push(state));
    const before = runtime.stores.full.snapshot;
    runtime.start();
    watcher.start();
    single.start();
    await runtime.ready();
    await watcher.synced;
    await expect.poll(() => single.current).toBeDefined();
    const fetched = await runtime.stores.references.get('shop', 'a');
    expect(fetched).toMatchObject([{ data: { password: base64(PLANTED.secretData) } }]);
    const written: KubernetesObject = await server.patch(secret('b', ' and more'));
    const { resourceVersion = '' } = written.metadata ?? {};
    await Promise.all([
      runtime.watchers.full.reached(resourceVersion),
      runtime.watchers.references.reached(resourceVersion),
      watcher.reached(resourceVersion),
    ]);
    expect(runtime.stores.full.list()).toMatchObject([
      {},
      { data: { password: base64(PLANTED.secretData) } },
    ]);
    const client = createResourceClient(server.kubeConfig);
    await client.get({ group: '', version: 'v1', resource: 'secrets' }, { namespace: 'shop', name: 'a' }, {});
    await recorder.dump(join(folder, 'dump'));
    await eventLog.flush();
    const log = await replay(join(folder, 'log'));
    const replayed = await log.at({ time: Date.now() }, 'full');
    expect(replayed.size).toBe(2);
    const report = await log.verify();

    const changes = [...diff(before, runtime.stores.full.snapshot)];
    expect(changes).toHaveLength(2);
    const shown = {
      runtime,
      watcher,
      single,
      eventLog,
      recorder,
      log,
      replayed,
      report,
      client,
      changes,
      seen,
      stores: runtime.stores,
      watchers: runtime.watchers,
      states: runtime.states,
      snapshot: runtime.snapshot(),
      index: runtime.stores.full.index('type'),
      store: watcher.store,
      query: runtime.stores.full.query$('shop'),
      references: runtime.stores.references.refs(),
      stagedNothing: stage(before),
    };
    for (const [name, value] of Object.entries(shown)) expectNothingPlanted(allTextsOf(value), name);
    await runtime.stop();
    await eventLog.close();
    expectNothingPlanted(await textOf(join(folder, 'log')), 'event log');
    expectNothingPlanted(await textOf(join(folder, 'dump')), 'dump');
    expect(lines.length).toBeGreaterThan(3);
    expectNothingPlanted(lines.join(''), 'log lines');
  });

  it('in what the pure parts show: snapshots, reductions, stages, changes, errors of indexes', () => {
    const indexer = createIndexer({ gvr: 'v1/secrets', indexBy: ['data.missing'] });
    const object = { ...secret('a'), stringData: { x: PLANTED.stringData } };
    const reduction = reduce(emptySnapshot({ numKeys: 2 }), { type: 'ADDED', object });
    const staging = stage(emptySnapshot({ numKeys: 2 }));
    staging.append([object]);
    const refused = reduce(emptySnapshot({ indexer }), { type: 'ADDED', object, origin: 'watch' });
    expect([reduction.changes.length, refused.errors.length]).toEqual([1, 1]);
    const refusals = [
      () => indexer.extractKeys(object),
      () => reduction.snapshot.get('a', 'b', PLANTED.stringData.slice(0, 3), 'd'),
      () => createIndexer({ indexBy: ['data'] }).extractKeys(object),
      () =>
        reduce(emptySnapshot({ numKeys: 2 }), {
          type: 'ADDED',
          object: { ...object, metadata: { name: '' } },
        }),
      () =>
        reduce(emptySnapshot({ numKeys: 2 }), { type: 'ADDED', object: { ...object, big: 1n } as object }),
    ].map((call) => {
      try {
        return call();
      } catch (error) {
        return error as Error;
      }
    });
    for (const error of refusals) expect(error).toBeInstanceOf(Error);
    const shown = { reduction, staging, committed: staging.commit('9'), refused, refusals };
    for (const [name, value] of Object.entries(shown)) expectNothingPlanted(allTextsOf(value), name);
    for (const error of refusals) expectNothingPlanted(allTextsOf(error), 'refusal');
  });

  it('in a client for tests, as far as it is one of firn', async () => {
    const client = createFakeClient([secret('a')]);
    await client.get({ group: '', version: 'v1', resource: 'secrets' }, { namespace: 'shop', name: 'a' }, {});
    expectNothingPlanted(allTextsOf(client.calls), 'calls');
  });
});
