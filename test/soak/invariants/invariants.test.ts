/** Owns the proof that each invariant notices what it is there for. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Change,
  createIndexer,
  emptySnapshot,
  type KubernetesObject,
  type Resource,
  type ResourceEvent,
  type ResourceRef,
  reduce,
  type Snapshot,
} from '@firn/core';
import { createWatcher, openEventLog } from '@firn/runtime';
import { startApiServer } from '@firn/runtime/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { VersionModel } from '../world/version-model.ts';
import { WATCHES, type Watch } from '../world/watches.ts';
import { ChangeFold } from './change-fold.ts';
import { HeldSnapshots } from './held-snapshots.ts';
import { Ledger } from './ledger.ts';
import { Observer } from './observer.ts';
import { OnDemandReads, type ReadStore } from './on-demand-reads.ts';
import { checkLog } from './recorded-log.ts';
import { MOST_STREAMS, RequestBound } from './request-bound.ts';
import { RestingHeap } from './resting-heap.ts';
import { checkIndex } from './secondary-index.ts';
import { checkLevel, measureLevel } from './start-level.ts';
import { VersionAudit } from './version-audit.ts';

const MAPS = WATCHES.find(({ name }) => name === 'maps') as Watch;
const SELECTED = WATCHES.find(({ name }) => name === 'selectedMaps') as Watch;

function map(version: number, text = `${version}`, selected = true): KubernetesObject {
  const resourceVersion = String(version);
  const labels = { soak: selected ? 'in' : 'out', tier: 'web' };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name: 'soak-1', uid: 'u', resourceVersion, labels, annotations: { text } },
  };
}

let ledger: Ledger;
beforeEach(() => {
  ledger = new Ledger();
});

/** The changes that these events make, one batch each. */
function changesOf(...events: readonly ResourceEvent<KubernetesObject>[]): {
  readonly changes: readonly Change<KubernetesObject>[];
  readonly snapshot: Snapshot<KubernetesObject>;
} {
  let snapshot = emptySnapshot<KubernetesObject>({ numKeys: 2 });
  const changes: Change<KubernetesObject>[] = [];
  for (const event of events) {
    const reduction = reduce(snapshot, event);
    snapshot = reduction.snapshot;
    changes.push(...reduction.changes);
  }
  return { changes, snapshot };
}

const written = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject) =>
  ({ type, object, origin: 'watch' }) as const;
const THREE = [written('ADDED', map(1)), written('MODIFIED', map(2)), written('MODIFIED', map(3))];

describe('changes add up', () => {
  function fold(changes: readonly Change<KubernetesObject>[], snapshot: Snapshot<KubernetesObject>): void {
    const books = new ChangeFold(ledger, MAPS);
    for (const change of changes) books.enter(change);
    books.batchEnded(snapshot, true);
  }

  it('where they do', () => {
    const { changes, snapshot } = changesOf(...THREE);
    fold(changes, snapshot);
    expect(ledger.violation).toBeUndefined();
  });

  it('not where the last one is lost', () => {
    const { changes, snapshot } = changesOf(...THREE);
    fold(changes.slice(0, 2), snapshot);
    expect(ledger.violation?.invariant).toBe('modCount counts events');
  });

  it('not where one in the middle is lost, or told twice, or told too late', () => {
    const { changes, snapshot } = changesOf(...THREE);
    const [first, second, third] = changes as [Change<object>, Change<object>, Change<object>];
    for (const wrong of [
      [first, third],
      [first, second, second, third],
      [second, first, third],
    ]) {
      ledger = new Ledger();
      fold(wrong as Change<KubernetesObject>[], snapshot);
      expect(ledger.violation?.message).toMatch(/modCount \d after \d|previous is|it was there/);
    }
  });

  it('not where a resource is filed under other keys than it has', () => {
    const { changes } = changesOf({ ...written('ADDED', map(1)), keys: ['shop', 'another'] });
    new ChangeFold(ledger, MAPS).enter(changes[0] as Change<KubernetesObject>);
    expect(ledger.violation?.message).toContain('is filed under shop, another instead of shop, soak-1');
  });
});

describe('a secondary index', () => {
  it('is compared with what it is made of', () => {
    const indexer = createIndexer({ indexes: { tier: ['metadata.labels.tier'] } });
    const { snapshot } = reduce(emptySnapshot<KubernetesObject>({ indexer }), written('ADDED', map(1)));
    const index = { name: 'tier', keysOf: () => ['web'] };
    checkIndex(ledger, { ...MAPS, index }, snapshot);
    expect(ledger.violation).toBeUndefined();
    checkIndex(ledger, { ...MAPS, index: { ...index, keysOf: () => ['db'] } }, snapshot);
    expect(ledger.violation?.message).toBe('maps: index tier has 0 under db instead of 1');
  });
});

describe('versions', () => {
  let model: VersionModel;
  beforeEach(() => {
    model = new VersionModel();
    for (const version of [1, 2, 3]) model.wrote('configmaps', map(version));
  });

  function audit(changes: readonly Change<KubernetesObject>[], { watch = MAPS, coalesced = 0 } = {}): void {
    const auditor = new VersionAudit(ledger, watch, model, () => coalesced);
    const books = new ChangeFold(new Ledger(), watch);
    for (const change of changes) {
      const { before, after } = books.enter(change);
      auditor.enter(change, before, after, 0);
    }
    auditor.settle(60_000);
  }

  it('are all told', () => {
    audit(changesOf(...THREE).changes);
    expect(ledger.violation).toBeUndefined();
    expect(ledger.checks.get('no version lost')).toBe(2);
  });

  it('are made up: nobody has written that one, or not so, or it is outside of the selector', () => {
    audit(changesOf(written('ADDED', map(7))).changes);
    expect(ledger.violation?.message).toContain('added shop/soak-1@7 (watch) has never existed');
    ledger = new Ledger();
    audit(changesOf(written('ADDED', map(2, 'something else'))).changes);
    expect(ledger.violation?.message).toContain('is not what was written');
    ledger = new Ledger();
    model.wrote('configmaps', map(4, 'x', false));
    audit(changesOf(written('ADDED', map(4, 'x', false))).changes, { watch: SELECTED });
    expect(ledger.violation?.message).toContain('is outside of the selector');
  });

  it('go back', () => {
    const older = { type: 'MODIFIED', object: map(1), origin: 'call' } as const;
    audit(changesOf(written('ADDED', map(2)), older).changes);
    expect(ledger.violation?.invariant).toBe('versions rise');
  });

  it('are lost, unless they were coalesced or a list came', () => {
    const skipping = changesOf(written('ADDED', map(1)), written('MODIFIED', map(3))).changes;
    audit(skipping, { coalesced: 1 });
    expect(ledger.violation).toBeUndefined();
    audit(skipping);
    expect(ledger.violation).toMatchObject({ invariant: 'no version lost' });
    ledger = new Ledger();
    const listed = { type: 'REPLACED', objects: [map(3)], resourceVersion: '3' } as const;
    audit(changesOf({ ...listed, objects: [map(1)] }, listed).changes);
    expect(ledger.violation).toBeUndefined();
  });

  it('are not lost where a list came while the answer to the write before was still under way', () => {
    const place = { namespace: 'shop', name: 'soak-1' };
    const { changes } = changesOf(...THREE, written('DELETED', map(4)), written('ADDED', map(7)));
    const auditor = new VersionAudit(ledger, MAPS, model, () => 0);
    const books = new ChangeFold(new Ledger(), MAPS);
    const enter = (change: Change<KubernetesObject>): void => {
      const { before, after } = books.enter(change);
      auditor.enter(change, before, after, 0);
    };
    for (const change of changes.slice(0, 4)) enter(change);
    expect(auditor.waiting).toBe(1);
    auditor.listed(books.held, 0);
    model.deleted('configmaps', place);
    for (const version of [5, 6, 7]) model.wrote('configmaps', map(version));
    for (const change of changes.slice(4)) enter(change);
    expect(ledger.violation).toBeUndefined();
    expect(auditor.waiting).toBe(0);
  });

  it('come back after the deletion', () => {
    model.deleting('configmaps', { namespace: 'shop', name: 'soak-1' });
    model.deleted('configmaps', { namespace: 'shop', name: 'soak-1' });
    const { changes } = changesOf(...THREE, written('DELETED', map(4)), written('ADDED', map(2)));
    audit(changes);
    expect(ledger.violation?.message).toContain(
      'added shop/soak-1@2 (watch) is number 1, number 3 was told before',
    );
  });
});

describe('snapshots', () => {
  it('that change, or whose digest is another, are noticed', () => {
    const { snapshot } = changesOf(...THREE);
    const objects = [...snapshot] as KubernetesObject[];
    const fake = (digest: string) =>
      ({
        modCount: 1,
        digest: () => digest,
        refs: () => snapshot.refs(),
        [Symbol.iterator]: () => objects.values(),
      }) as unknown as Snapshot<KubernetesObject>;
    const held = new HeldSnapshots(ledger, 'maps');
    held.take(snapshot);
    held.take(fake(snapshot.digest()));
    expect(ledger.violation).toBeUndefined();
    objects[0] = map(9);
    held.releaseAll();
    expect(ledger.violation?.invariant).toBe('snapshots stay as they are');
    ledger = new Ledger();
    new HeldSnapshots(ledger, 'maps').take(fake(snapshot.digest()));
    expect(ledger.violation?.invariant).toBe('digest is that of the contents');
  });
});

describe('requests', () => {
  const asked = { kind: 'watch', watcher: '/api/v1/configmaps?', path: '' } as const;

  it('at the pace of the first backoff are fine, and a storm of them is not', () => {
    const bound = new RequestBound(ledger);
    for (let now = 0; now < 300_000; now += 400) bound.note(asked, now);
    expect(ledger.violation).toBeUndefined();
    for (let i = 0; i < MOST_STREAMS; i++) bound.note(asked, 300_000 + i);
    expect(ledger.violation?.invariant).toBe('requests are bounded');
  });
});

describe('reads on demand', () => {
  const secret = (version: number): KubernetesObject => ({ ...map(version), kind: 'Secret' });
  const ref: ResourceRef = { namespace: 'shop', name: 'soak-1', uid: 'u', resourceVersion: '2', keys: [] };
  let model: VersionModel;
  beforeEach(() => {
    model = new VersionModel();
    for (const version of [1, 2, 3]) model.wrote('secrets', secret(version));
  });

  async function read(get: () => Promise<readonly KubernetesObject[]>, refs = [ref]): Promise<void> {
    const store = { refs: () => refs, get } as unknown as ReadStore;
    await new OnDemandReads(ledger, store, model).read(['shop', 'soak-1']);
  }

  it('may be newer than the watch, or fail', async () => {
    await read(async () => [secret(3)]);
    await read(() => Promise.reject(new Error('no')));
    expect(ledger.violation).toBeUndefined();
  });

  it.each([
    ['older than the watch', [secret(1)], [ref], /gave shop\/soak-1@1, the watch had told of @2/],
    ['nothing, though nothing was deleted', [], [ref], /gave nothing for shop\/soak-1@2/],
    ['what the watch had told to be gone', [secret(2)], [], /of which the watch had not told/],
    ['another object', [{ ...secret(3), data: {} }], [ref], /which has never been written so/],
  ] as const)('are wrong where they give %s', async (_, resources, refs, why) => {
    await read(
      async () => resources as readonly Resource<KubernetesObject>[] as KubernetesObject[],
      [...refs],
    );
    expect(ledger.violation?.message).toMatch(why);
  });
});

describe('the recorded log', () => {
  it('is compared with what there was: an object that is another in it is noticed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firn-soak-'));
    await using server = await startApiServer({
      objects: [{ ...map(1), metadata: { namespace: 'shop', name: 'soak-1' } }],
    });
    const eventLog = await openEventLog(folder);
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog });
    const watch = { ...MAPS, name: 'v1/configmaps' };
    const observer = new Observer({
      watch,
      watcher: watcher as Observer['watcher'],
      ledger,
      model: new VersionModel(),
    });
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    await eventLog.close();
    await checkLog(ledger, folder, [observer]);
    expect(ledger.violation).toBeUndefined();
    expect(ledger.checks.get('log can be replayed')).toBe(4);

    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.jsonl'));
    await writeFile(
      join(folder, name),
      (await readFile(join(folder, name), 'utf8')).replace('soak-1', 'soak-2'),
    );
    await checkLog(ledger, folder, [observer]).catch(() => undefined);
    expect(ledger.violation?.invariant).toBe('log can be replayed');
    await rm(folder, { recursive: true });
  });
});

describe('what is held on to', () => {
  it('is noticed: a server that still listens', async () => {
    const before = await measureLevel();
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    await checkLevel(ledger, before, 0);
    server.close();
    expect(ledger.violation?.message).toMatch(/more than before: TCPServerWrap/);
  });

  it.each([
    [1, undefined],
    [3, /memory at rest grew from 50.0 MiB to 74.0 MiB/],
  ])('is noticed: %i MiB more each time that everything is at rest', async (grows, why) => {
    const mibs = Array.from({ length: 12 }, (_, i) => 50 + grows * i);
    const heap = new RestingHeap(async () => (mibs.shift() ?? 0) * 1024 * 1024);
    for (let i = 0; i < 12; i++) await heap.sample();
    heap.check(ledger);
    if (why === undefined) expect(ledger.violation).toBeUndefined();
    else expect(ledger.violation?.message).toMatch(why);
    expect(ledger.checks.get('everything is let go of')).toBe(1);
  });
});
