import { describe, expect, it } from 'vitest';
import { type PerturbedReplay, perturb } from './perturb.ts';
import { crash, duplicate, expire, hide, type Plan, reorder, rewind, stale } from './plan.ts';
import { type RecordedEvent, recordedEvents } from './recorded-events.ts';

const written = (resource: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string): RecordedEvent => ({
  resource,
  type,
  object: { kind: 'Pod', metadata: { namespace: 'shop', name } },
});

/** Of two resources; an event's number is its sequence number and, plus one, its resource version. */
const log = recordedEvents({
  resources: { pods: 'v1/pods', nodes: 'v1/nodes' },
  events: [
    written('pods', 'ADDED', 'a'), // 1
    written('nodes', 'ADDED', 'n'), // 2
    written('pods', 'MODIFIED', 'a'), // 3
    written('pods', 'ADDED', 'b'), // 4
    written('pods', 'DELETED', 'a'), // 5
    written('nodes', 'MODIFIED', 'n'), // 6
    written('pods', 'ADDED', 'a'), // 7
    written('pods', 'MODIFIED', 'b'), // 8
    written('nodes', 'DELETED', 'n'), // 9
  ],
});

/** What one life sees: `added a 1` is the object of event 1. */
async function seenBy(replay: PerturbedReplay): Promise<readonly string[]> {
  const seen: string[] = [];
  await using runtime = replay.runtime();
  runtime.changes$.subscribe(({ change: { type, cause, ref } }) =>
    seen.push(`${type} ${ref.name}${Number(ref.resourceVersion) - 1}${cause === 'relist' ? ' by list' : ''}`),
  );
  await replay.run();
  return seen;
}

const seen = async (...plan: Plan) => seenBy(await perturb(log, plan));

const HEALTHY = [
  'added a1',
  'added n2',
  'modified a3',
  'added b4',
  'deleted a3',
  'modified n6',
  'added a7',
  'modified b8',
  'deleted n6',
];

describe('perturb', () => {
  it('plays the run as it was where the plan is empty', async () => {
    expect(await seen()).toEqual(HEALTHY);
  });

  it('stale: nothing of a resource comes, until all of it comes late', async () => {
    expect(await seen(stale('pods', 3, 9))).toEqual([
      'added a1',
      'added n2',
      'modified n6',
      'modified a3',
      'added b4',
      'deleted a3',
      'added a7',
      'modified b8',
      'deleted n6',
    ]);
  });

  it('hide: the next event of the object comes as if it followed the one before', async () => {
    expect(await seen(hide('pods', 3))).toEqual([
      'added a1',
      'added n2',
      'added b4',
      'deleted a1',
      'modified n6',
      'added a7',
      'modified b8',
      'deleted n6',
    ]);
  });

  it('hide: what is recreated unseen changes its uid, in one turn', async () => {
    const replay = await perturb(log, hide('pods', 5));
    await using runtime = replay.runtime();
    const uids: (string | undefined)[] = [];
    runtime.stores.pods?.snapshots$.subscribe((snapshot) =>
      uids.push(snapshot.find('shop', 'a')?.metadata?.uid),
    );
    await replay.run();
    expect([...new Set(uids)]).toEqual([undefined, 'a-1', 'a-7']);
  });

  it('hide: what was created and deleted unseen was never there', async () => {
    const short = recordedEvents({
      resources: { pods: 'v1/pods' },
      events: [written('pods', 'ADDED', 'a'), written('pods', 'ADDED', 'b'), written('pods', 'DELETED', 'a')],
    });
    expect(await seenBy(await perturb(short, hide('pods', 1)))).toEqual(['added b2']);
  });

  it('hide: nobody misses the last word, a list makes up for it at the end', async () => {
    expect(await seen(hide('nodes', 9))).toEqual([...HEALTHY.slice(0, -1), 'deleted n6 by list']);
  });

  it('hide: what a list made up for is hidden again after a rewind, and made up for again', async () => {
    const short = recordedEvents({
      resources: { pods: 'v1/pods', nodes: 'v1/nodes' },
      events: [
        written('nodes', 'ADDED', 'n'),
        written('pods', 'ADDED', 'a'),
        written('nodes', 'MODIFIED', 'n'),
        written('pods', 'MODIFIED', 'a'),
        written('pods', 'MODIFIED', 'a'),
      ],
    });
    const plan = [hide('nodes', 3), expire('nodes', 3), rewind(2, { at: 4 })];
    expect(await seenBy(await perturb(short, plan))).toEqual([
      ...['added n1', 'added a2', 'modified n3 by list', 'modified a4'],
      ...['modified a2 by list', 'modified n1 by list', 'modified a4', 'modified a5'],
      'modified n3 by list',
    ]);
  });

  it('rewind: all goes back by lists, and comes forward event by event', async () => {
    expect(await seen(rewind(2, { at: 5 }))).toEqual([
      ...HEALTHY.slice(0, 5),
      'deleted b4 by list',
      'added a1 by list',
      ...HEALTHY.slice(2, 5),
      ...HEALTHY.slice(5),
    ]);
    expect(await seen(rewind(8))).toEqual([...HEALTHY, 'added n6 by list', 'deleted n6']);
  });

  it('expire: the list has what was held back', async () => {
    expect(await seen(stale('pods', 3, 9), expire('pods', 5))).toEqual([
      'added a1',
      'added n2',
      'deleted a1 by list',
      'added b4 by list',
      'modified n6',
      'added a7',
      'modified b8',
      'deleted n6',
    ]);
  });

  it('duplicate: a store takes the second one for no news', async () => {
    expect(await seen(duplicate('pods', 3), duplicate('pods', 5))).toEqual(HEALTHY);
    const replay = await perturb(log, duplicate('pods', 3));
    await using runtime = replay.runtime();
    const types: (readonly string[])[] = [];
    for (let turn = await replay.step(); turn !== undefined; turn = await replay.step())
      if (turn.sequence === 3) types.push(turn.events);
    expect(types).toEqual([['MODIFIED', 'MODIFIED']]);
    expect(runtime.stores.pods?.size).toBe(2);
  });

  it('reorder: resources pass each other, none its own past, none the future', async () => {
    const nodesLast = await seen(reorder('pods', 'nodes'));
    expect(nodesLast.filter((one) => one.includes('n'))).not.toEqual([]);
    const of = (name: string, all: readonly string[]) =>
      all.filter((one) => / n/.test(one) === (name === 'nodes'));
    for (const plan of [reorder('pods', 'nodes'), reorder('nodes', 'pods'), reorder(1), reorder(2)]) {
      const all = await seen(plan);
      expect(all.toSorted()).toEqual(HEALTHY.toSorted());
      for (const name of ['pods', 'nodes']) expect(of(name, all)).toEqual(of(name, HEALTHY));
    }
    expect(nodesLast).not.toEqual(HEALTHY);
    expect(await seen(reorder(1))).not.toEqual(await seen(reorder(2)));
  });

  it('crash: the next life begins with lists, and sees the rest', async () => {
    const first = await perturb(log, [crash(4), crash(7)]);
    expect(await seenBy(first)).toEqual(HEALTHY.slice(0, 4));
    const second = first.restarted();
    expect(await seenBy(second)).toEqual(['added a3', 'added b4', 'added n2', ...HEALTHY.slice(4, 7)]);
    const third = second.restarted();
    expect(await seenBy(third)).toEqual([...['added a7', 'added b4', 'added n6'], ...HEALTHY.slice(7)]);
    expect(() => third.restarted()).toThrow(expect.objectContaining({ code: 'NOT_CRASHED' }));
  });

  it('crash: what is stale stays so', async () => {
    const first = await perturb(log, [stale('pods', 3, 9), crash(6)]);
    await seenBy(first);
    expect(await seenBy(first.restarted())).toEqual([
      'added a1',
      'added n6',
      ...['modified a3', 'added b4', 'deleted a3', 'added a7', 'modified b8'],
      'deleted n6',
    ]);
  });

  it('crash after a write is refused: nobody writes here', async () => {
    await expect(perturb(log, crash({ write: 1 }))).rejects.toMatchObject({ code: 'WRITE_UNKNOWN' });
  });

  it('lets timers fire until a minute after the end', async () => {
    const replay = await perturb(log, []);
    let told = 0;
    const pods = { gvr: 'v1/pods', debounceInterval: '30s', onChange: () => void told++ } as const;
    await using runtime = replay.runtime({ resources: { pods } });
    await replay.run();
    expect(runtime.stores.pods.size).toBe(2);
    expect(told).toBe(1);
  });
});
