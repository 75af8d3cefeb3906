import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import type { Controller } from './incarnation.ts';
import { crash, hide, rewind, stale } from './plan.ts';
import { type RecordedEvent, recordedEvents } from './recorded-events.ts';
import { runController } from './run-controller.ts';

const pod = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name },
  ...more,
});
const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name },
  data,
});
const event = (resource: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object): RecordedEvent => ({
  resource,
  type,
  object,
});

/** Two pods come, and the recorded controller makes a config map for each; the first one goes. */
const log = recordedEvents({
  resources: { pods: 'v1/pods', maps: 'v1/configmaps' },
  events: [
    event('pods', 'ADDED', pod('a')), // 1
    event('maps', 'ADDED', configMap('a')), // 2
    event('pods', 'ADDED', pod('b')), // 3
    event('maps', 'ADDED', configMap('b')), // 4
    event('pods', 'DELETED', pod('a')), // 5
    event('maps', 'DELETED', configMap('a')), // 6
  ],
});

/** Makes a config map for each pod, and removes those of pods that are gone. */
const keeper: Controller = ({ runtime, client }) => {
  const { pods, maps } = runtime.stores;
  const reconcile = async (namespace: string, name: string): Promise<void> => {
    const isWanted = pods?.snapshot.find(namespace, name) !== undefined;
    const isThere = maps?.snapshot.find(namespace, name) !== undefined;
    if (isWanted && !isThere) await client.create(configMap(name)).catch(unless('AlreadyExists'));
    if (!isWanted && isThere) await client.delete(configMap(name)).catch(unless('NotFound'));
  };
  runtime.changes$.subscribe(({ change }) => reconcile(change.ref.namespace, change.ref.name));
};

const unless = (code: string) => (error: unknown) => {
  if ((error as { code?: unknown }).code !== code) throw error;
};

const lines = async (controller: Controller, plan: Parameters<typeof runController>[0]['plan'] = []) => {
  const { writes } = await runController({ log, controller, plan, owns: ['maps'] });
  return writes.map(
    ({ verb, name, sequence, incarnation, outcome }) =>
      `${verb} ${name} after ${sequence} in ${incarnation}: ${outcome}`,
  );
};

describe('runController', () => {
  it('reports every write: when, in which life, with what outcome, and what was true then', async () => {
    const report = await runController({ log, controller: keeper });
    expect(report.owns).toEqual(['maps']);
    expect(report.errors).toEqual([]);
    expect(report.writes).toMatchObject([
      { verb: 'create', gvr: 'v1/configmaps', namespace: 'shop', name: 'a', sequence: 1, outcome: 'created' },
      { verb: 'create', name: 'b', sequence: 3, incarnation: 0 },
      {
        verb: 'delete',
        name: 'a',
        sequence: 5,
        outcome: 'deleted',
        truth: { object: { metadata: { name: 'a' } } },
      },
    ]);
    const [first, second, last] = report.writes;
    expect(first?.truth.object).toBeUndefined();
    expect(second?.uid).not.toBe(first?.uid);
    expect(last?.uid).toBe(first?.uid);
    const names = (write: typeof first, resource: string) =>
      write?.truth.world.list(resource).map(({ metadata }) => metadata?.name);
    expect(names(second, 'pods')).toEqual(['a', 'b']);
    expect(names(second, 'v1/configmaps')).toEqual(['a']);
    expect(names(last, 'pods')).toEqual(['b']);
    expect(report.endState['v1/configmaps']).toMatchObject([{ metadata: { name: 'b' } }]);
    expect(report.world.find('pods', 'shop', 'b')?.metadata?.uid).toBe('b-3');
  });

  it('leaves out what the controller did itself when it was recorded: one that does nothing leaves nothing', async () => {
    const report = await runController({ log, controller: () => undefined, owns: ['maps'] });
    expect(report.endState).toEqual({ 'v1/configmaps': [] });
    const half = await runController({
      log,
      controller: () => undefined,
      owns: { maps: ({ type }) => type === 'DELETED' },
    });
    expect(half.world.list('maps').map(({ metadata }) => metadata?.uid)).toEqual(['a-2', 'b-4']);
  });

  it('is the same each time', async () => {
    const plan = [stale('maps', 1, 6), crash({ write: 2 }), rewind(3, { at: 5 })];
    const reports = await Promise.all([1, 2].map(() => runController({ log, controller: keeper, plan })));
    const [first, second] = reports.map((report) =>
      JSON.stringify({ ...report, world: report.world.list('maps') }),
    );
    expect(first).toBe(second);
  });

  it('shows the controller what it wrote, at the version that the write had', async () => {
    const reached: unknown[] = [];
    const controller: Controller = ({ runtime, client }) => {
      runtime.stores.pods?.changes$.subscribe(async ({ ref }) => {
        const { metadata } = await client
          .create(configMap(`made-for-${ref.name}`))
          .catch(() => configMap(''));
        await runtime.watchers.maps?.reached(
          String((metadata as { resourceVersion?: string }).resourceVersion),
        );
        reached.push(runtime.stores.maps?.snapshot.find('shop', `made-for-${ref.name}`)?.metadata?.name);
      });
    };
    await runController({ log, controller, owns: ['maps'] });
    expect(reached).toEqual(['made-for-a', 'made-for-b']);
  });

  it('crash after a write: it took effect, nobody heard of it, and the next life sees it', async () => {
    // Pods are listed before config maps: the next life tries once more.
    expect(await lines(keeper, [crash({ write: 1 })])).toEqual([
      'create a after 1 in 0: created',
      'create a after 1 in 1: refused',
      'create b after 3 in 1: created',
      'delete a after 5 in 1: deleted',
    ]);
  });

  it('a dead controller writes nothing more, and is told so by nothing but its signal', async () => {
    const heard: string[] = [];
    const stubborn: Controller = ({ client, signal }) => {
      signal.addEventListener('abort', () => heard.push('dead'));
      const write = async (n: number): Promise<void> => {
        await client.create(configMap(`try-${n}`)).catch(unless('AlreadyExists'));
        heard.push(`wrote ${n}`);
        if (n < 3) await write(n + 1);
      };
      void write(1);
      return () => heard.push('stopped');
    };
    const report = await runController({
      log,
      controller: stubborn,
      owns: ['maps'],
      plan: crash({ write: 2 }),
    });
    expect(
      report.writes.map(({ name, incarnation, outcome }) => `${name} ${incarnation} ${outcome}`),
    ).toEqual([
      ...['try-1 0 created', 'try-2 0 created'],
      ...['try-1 1 refused', 'try-2 1 refused', 'try-3 1 created'],
    ]);
    expect(heard.slice(0, 3)).toEqual(['wrote 1', 'dead', 'stopped']);
    expect(report.incarnations).toBe(2);
  });

  it('a stale view of its own writes makes it write again', async () => {
    expect(await lines(keeper, [stale('maps', 1, 5), crash(3)])).toEqual([
      'create a after 1 in 0: created',
      'create b after 3 in 0: created',
      'create a after 3 in 1: refused',
      'create b after 3 in 1: refused',
      'delete a after 5 in 1: deleted',
    ]);
  });

  it('reports what it throws, wherever that is', async () => {
    const failing: Controller = ({ runtime, client }) => {
      const { pods, maps } = runtime.stores;
      pods?.changes$.subscribe(async ({ ref }) => {
        if (ref.name === 'a') await client.delete(configMap('nothing'));
      });
      pods?.changes$.subscribe(({ ref }) => {
        if (ref.name === 'b') throw new Error('in a subscriber');
      });
      if (maps === undefined) return;
      throw new Error('at once');
    };
    const { errors } = await runController({ log, controller: failing, owns: ['maps'] });
    expect(errors.map(({ error }) => (error as Error).message)).toEqual([
      'at once',
      'configmaps "nothing" not found',
      'configmaps "nothing" not found',
      'in a subscriber',
    ]);
    expect(process.listenerCount('unhandledRejection')).toBeGreaterThan(0);
  });

  it('fires timers of its clock by the time of the log', async () => {
    const fired: string[] = [];
    const controller: Controller = ({ clock, runtime }) => {
      runtime.stores.pods?.changes$.subscribe(({ type, ref }) => {
        const set = clock.now();
        clock.setTimeout(() => fired.push(`${type} ${ref.name} +${clock.now() - set}`), 1500);
      });
    };
    await runController({ log, controller, owns: ['maps'] });
    expect(fired).toEqual(['added a +1500', 'added b +1500', 'deleted a +1500']);
  });

  it('gives up on a controller that answers its own writes for ever', async () => {
    const restless: Controller = ({ runtime, client }) => {
      let n = 0;
      runtime.changes$.subscribe(async ({ resource }) => {
        if (resource === 'maps') await client.patch(configMap('own', { n: String(n++) }));
        else await client.create(configMap('own')).catch(unless('AlreadyExists'));
      });
    };
    await expect(runController({ log, controller: restless, owns: ['maps'] })).rejects.toMatchObject({
      code: 'NOT_QUIET',
    });
  });

  it('takes custom resources for what they look like', async () => {
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
    const widgets = recordedEvents({
      resources: { widgets: 'example.com/v1/widgets' },
      events: [event('widgets', 'ADDED', widget)],
    });
    const controller: Controller = ({ runtime, client }) => {
      runtime.changes$.subscribe(() => client.patch({ ...widget, spec: { seen: true } } as typeof widget));
    };
    const { world, errors } = await runController({ log: widgets, controller });
    expect(errors).toEqual([]);
    expect(world.list('widgets')).toMatchObject([{ kind: 'Widget', spec: { seen: true } }]);
  });

  it('refuses names that the log does not have, and logs of references', async () => {
    const controller: Controller = () => undefined;
    await expect(runController({ log, controller, owns: ['map'] })).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      suggestion: 'maps',
    });
    await expect(runController({ log, controller, plan: hide('pod', 1) })).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
    });
    const references = recordedEvents({
      resources: { pods: { gvr: 'v1/pods', store: 'on-demand' } },
      events: [],
    });
    await expect(runController({ log: references, controller })).rejects.toMatchObject({
      code: 'RECORDED_ON_DEMAND',
    });
    await expect(runController({ log: 5 as never, controller })).rejects.toMatchObject({
      code: 'WRONG_TYPE',
    });
  });
});

describe('explore', () => {
  const eager: Controller = ({ runtime, client }) => {
    runtime.stores.pods?.changes$.subscribe(({ type, ref }) =>
      type === 'deleted' ? client.delete(configMap(ref.name)) : client.create(configMap(ref.name)),
    );
  };

  it('finds nothing where nothing is wrong, and says how much it tried', async () => {
    const { runs, seed, healthy } = await explore({ log, controller: keeper, seed: 3, runs: 50 });
    expect([runs, seed, healthy.writes.length]).toEqual([50, 3, 3]);
  });

  it('finds the same plan from the same seed, as small as it gets', async () => {
    const failures = await Promise.all(
      [1, 2].map(() => explore({ log, controller: eager, seed: 5 }).catch((error: unknown) => error)),
    );
    expect(failures[0]).toMatchObject({ code: 'PLAN_FAILED', plan: [expect.anything()] });
    expect((failures[0] as Error).message).toBe((failures[1] as Error).message);
    expect((failures[0] as Error).message).toMatch(
      /^The controller failed after event \d: .*\nIt does with perturb\(log, \[.*\]\): repeat it with FIRN_PLAN='\[.*\]'/,
    );
  });

  it('runs the one plan that FIRN_PLAN names', async () => {
    process.env.FIRN_PLAN = JSON.stringify([crash({ write: 1 })]);
    try {
      await expect(explore({ log, controller: eager })).rejects.toMatchObject({
        plan: [crash({ write: 1 })],
      });
      expect(await explore({ log, controller: keeper })).toMatchObject({ runs: 1 });
    } finally {
      delete process.env.FIRN_PLAN;
    }
  });

  it('says so where the controller fails without a plan', async () => {
    const broken: Controller = () => {
      throw new Error('never worked');
    };
    await expect(explore({ log, controller: broken })).rejects.toMatchObject({
      code: 'UNHEALTHY',
      message: expect.stringContaining('never worked'),
    });
  });

  it('stops when its time is over', async () => {
    let now = 0;
    const limitClock = {
      now: () => now,
      monotonic: () => now++,
      setTimeout: () => 0,
      clearTimeout: () => undefined,
    };
    expect(await explore({ log, controller: keeper, limitClock, timeLimitMs: 4 })).toMatchObject({ runs: 3 });
  });
});
