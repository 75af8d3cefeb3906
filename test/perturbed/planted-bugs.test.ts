/** Owns the proof that random plans find the bugs that a healthy run does not show, and nothing where there are none. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ControllerReport,
  type ExploreOptions,
  explore,
  PlanFailure,
  runController,
} from '@firn/runtime/testing';
import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pairs, registry, scratch, volumes } from './planted-bugs.ts';
import {
  hasConfigMap,
  pod,
  recordScenario,
  resources,
  type ScriptStep,
  type ShopController,
} from './recorded-scenario.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-perturbed-'));
});
afterEach(() => rm(folder, { recursive: true }));

const FINALIZER = 'shop.example/hold';
const held = (name: string): V1Pod => pod(name, { metadata: { finalizers: [FINALIZER] } });
const released = (name: string): V1Pod => pod(name, { metadata: { finalizers: [] } });
const has = (name: string) => (server: Parameters<typeof hasConfigMap>[0]) => hasConfigMap(server, name);
const hasNot = (name: string) => async (server: Parameters<typeof hasConfigMap>[0]) =>
  !(await hasConfigMap(server, name));
const always = async (): Promise<boolean> => true;

type Options = Omit<ExploreOptions<typeof resources>, 'log' | 'controller' | 'resources'>;

const tried = (controller: ShopController, options: Options) =>
  explore({ log: folder, controller, resources, seed: 1, ...options });

/** Tries a controller with a bug and one without. */
async function findOnlyTheBug(
  controller: (isFixed: boolean) => ShopController,
  script: readonly ScriptStep[],
  options: Options = {},
): Promise<PlanFailure> {
  await recordScenario(folder, controller(false), script);
  const failure: unknown = await tried(controller(false), options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PlanFailure);
  const { plan, message, reproduction } = failure as PlanFailure;
  expect(message).toContain(reproduction);
  expect(JSON.parse(reproduction.slice("FIRN_PLAN='".length, -1))).toEqual(plan);
  const { runs } = await tried(controller(true), options);
  expect(runs).toBe(200);
  return failure as PlanFailure;
}

describe('a bug that a healthy run does not show', () => {
  it('acting on a stale view is found: the volume of a pod that is back is deleted', async () => {
    const script: readonly ScriptStep[] = [
      { act: (server) => server.create(held('web')), until: has('volume-web') },
      { act: (server) => server.delete(held('web')), until: hasNot('volume-web') },
      { act: (server) => server.patch(released('web')), until: always },
      { act: (server) => server.create(held('web')), until: has('volume-web') },
      { act: (server) => server.create(held('db')), until: has('volume-db') },
    ];
    const check = ({ writes, errors }: ControllerReport): void => {
      expect(errors).toEqual([]);
      for (const { verb, name, truth } of writes) {
        const user = truth.world.find<V1Pod>('pods', 'shop', name.replace('volume-', ''));
        const isInUse = user !== undefined && user.metadata?.deletionTimestamp === undefined;
        if (verb === 'delete' && isInUse)
          throw new Error(`${name} is deleted, and ${user.metadata?.name} uses it`);
      }
    };
    const { message } = await findOnlyTheBug(volumes, script, { check });
    expect(message).toMatch(/^volume-web is deleted, and web uses it/);
  });

  it('a crash between two writes is found: the second one is never made', async () => {
    const script: readonly ScriptStep[] = [
      { act: (server) => server.create(pod('web')), until: has('settings-web') },
      { act: (server) => server.create(pod('db')), until: has('settings-db') },
    ];
    const { plan, message } = await findOnlyTheBug(pairs, script);
    expect(plan).toEqual([{ type: 'crash', at: { write: 1 } }]);
    expect(message).toMatch(/^At the end v1\/configmaps shop\/settings-web is missing\./);
    const { writes } = await runController({ log: folder, controller: pairs(false), resources, plan });
    expect(writes.map(({ name, incarnation }) => `${incarnation} ${name}`)).toEqual([
      '0 web',
      '1 db',
      '1 settings-db',
    ]);
  });

  it('a missed state is found: what was to be cleaned up then stays', async () => {
    const script: readonly ScriptStep[] = [
      { act: (server) => server.create(pod('job')), until: has('scratch-job') },
      {
        act: (server) => server.patch(pod('job', { status: { phase: 'Succeeded' } })),
        until: hasNot('scratch-job'),
      },
      { act: (server) => server.delete(pod('job')), until: always },
      { act: (server) => server.create(pod('other')), until: has('scratch-other') },
    ];
    const { message } = await findOnlyTheBug(scratch, script, { owns: ['configmaps'] });
    expect(message).toMatch(/^At the end v1\/configmaps shop\/scratch-job should not be there\./);
  });

  it('taking what was created anew for the old one is found: the entry keeps the old uid', async () => {
    const script: readonly ScriptStep[] = [
      { act: (server) => server.create(pod('web')), until: has('entry-web') },
      { act: (server) => server.delete(pod('web')), until: hasNot('entry-web') },
      { act: (server) => server.create(pod('web')), until: has('entry-web') },
    ];
    const { message } = await findOnlyTheBug(registry, script);
    expect(message).toMatch(/^At the end v1\/configmaps shop\/entry-web differs at data\.uid/);
  });
});
