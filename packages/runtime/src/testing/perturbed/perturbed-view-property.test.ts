/** Owns the proof, over random runs and plans, that a perturbed view is one that a client can have, and ends as the truth. */
import type { Change, KubernetesObject } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityIn } from '../../event-log/logged-identity.ts';
import { arbitraryPlan, planArbitrary } from './arbitrary-plan.ts';
import { perturb } from './perturb.ts';
import type { Plan } from './plan.ts';
import { type RecordedEvent, type RecordedEvents, recordedEvents, TAPE } from './recorded-events.ts';
import { ResourceView } from './resource-view.ts';
import { keyOf } from './tape.ts';

const RESOURCES = { pods: 'v1/pods', nodes: 'v1/nodes', services: 'v1/services' } as const;

/** A run in which what happens follows from numbers: an object is created, changed, or deleted, or all are listed anew. */
const logs: fc.Arbitrary<RecordedEvents> = fc
  .array(
    fc.record({ resource: fc.constantFrom(...Object.keys(RESOURCES)), name: fc.nat(3), what: fc.nat(9) }),
    {
      minLength: 2,
      maxLength: 30,
    },
  )
  .map((drawn) => {
    const there = new Map<string, Set<string>>();
    const events = drawn.map(({ resource, name, what }): RecordedEvent => {
      const names = there.get(resource) ?? new Set();
      there.set(resource, names);
      const object = (one: string) => ({ kind: 'Any', metadata: { namespace: 'shop', name: one } });
      if (what === 0) return { resource, type: 'REPLACED', objects: [...names].map(object) };
      const own = `o${name}`;
      const type = names.has(own) ? (what < 5 ? 'DELETED' : 'MODIFIED') : 'ADDED';
      if (type === 'DELETED') names.delete(own);
      else names.add(own);
      return { resource, type, object: object(own) };
    });
    return recordedEvents({ resources: RESOURCES, events });
  });

type Digests = Readonly<Record<string, string>>;

/** What a client of all resources has at each turn, life by life. */
async function digestsOf(log: RecordedEvents, plan: Plan): Promise<readonly (readonly Digests[])[]> {
  const lives: Digests[][] = [];
  for (let replay = await perturb(log, plan); ; replay = replay.restarted()) {
    const digests: Digests[] = [];
    lives.push(digests);
    await using runtime = replay.runtime();
    for (let turn = await replay.step(); turn !== undefined; turn = await replay.step())
      digests.push(
        Object.fromEntries(
          Object.entries(runtime.snapshot()).map(([name, snapshot]) => [name, snapshot.digest()]),
        ),
      );
    if (lives.length > plan.filter(({ type }) => type === 'crash').length) return lives;
  }
}

/** The state that each object of a resource was in, in their order. */
function truthOf(
  log: RecordedEvents,
  resource: string,
): ReadonlyMap<string, readonly (string | undefined)[]> {
  const states = new Map<string, (string | undefined)[]>();
  const view = new ResourceView();
  for (const turn of log[TAPE].turns.filter((one) => one.resource === resource)) {
    for (const event of turn.events) {
      view.take(event);
      const now = new Map(
        view.list(0).objects.map((object) => [keyOf(object), identityIn(object).resourceVersion]),
      );
      for (const key of new Set([...states.keys(), ...now.keys()])) {
        const known = states.get(key) ?? [undefined];
        if (known.at(-1) !== now.get(key)) states.set(key, [...known, now.get(key)]);
      }
    }
  }
  return states;
}

const cases = logs.chain((log) => fc.tuple(fc.constant(log), fc.nat()));

describe('a perturbed view', () => {
  it('ends as the true one, and is the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([log, seed]) => {
        const plan = await arbitraryPlan(log, seed);
        const [healthy = []] = await digestsOf(log, []);
        const lives = await digestsOf(log, plan);
        expect(lives.at(-1)?.at(-1)).toEqual(healthy.at(-1));
        expect(await digestsOf(log, plan)).toEqual(lives);
      }),
      { numRuns: 150 },
    );
  });

  it('shows of each object what it was, and between two lists never what it was before', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([log, seed]) => {
        const plan = (await arbitraryPlan(log, seed)).filter(({ type }) => type !== 'crash');
        const replay = await perturb(log, plan);
        await using runtime = replay.runtime();
        const views = new Map(
          Object.keys(RESOURCES).map((name) => [name, new FollowedView(truthOf(log, name))]),
        );
        runtime.changes$.subscribe(({ resource, change }) => views.get(resource)?.changes.push(change));
        for (let turn = await replay.step(); turn !== undefined; turn = await replay.step())
          views.get(turn.resource)?.check(turn.events.includes('REPLACED'));
      }),
      { numRuns: 150 },
    );
  });
});

/** Where each object of a resource stands in its own history. */
class FollowedView {
  readonly changes: Change<KubernetesObject>[] = [];
  readonly #truth: ReadonlyMap<string, readonly (string | undefined)[]>;
  readonly #places = new Map<string, number>();

  constructor(truth: ReadonlyMap<string, readonly (string | undefined)[]>) {
    this.#truth = truth;
  }

  check(isList: boolean): void {
    if (isList) this.#places.clear();
    for (const { type, ref } of this.changes.splice(0)) {
      const key = `${ref.namespace}/${ref.name}`;
      const states = this.#truth.get(key) ?? [];
      const version = type === 'deleted' ? undefined : ref.resourceVersion;
      const from = this.#places.get(key) ?? 0;
      const place = states.findIndex((state, i) => i >= from && state === version);
      expect(place, `${key} ${type} ${version} of ${states}, from ${from}`).toBeGreaterThanOrEqual(0);
      this.#places.set(key, place);
    }
  }
}

describe('planArbitrary', () => {
  it('draws plans that shrink to what comes first in the log', async () => {
    const log = recordedEvents({
      resources: RESOURCES,
      events: Array.from({ length: 20 }, (_, i) => ({
        resource: 'pods',
        type: i === 0 ? 'ADDED' : 'MODIFIED',
        object: { metadata: { name: 'a' } },
      })),
    });
    const plans: fc.Arbitrary<Plan> = await planArbitrary(fc, log);
    const isCalm = (plan: Plan): boolean => plan.every((step) => step.type !== 'rewind');
    const { counterexample } = fc.check(fc.property(plans, isCalm), { numRuns: 1000 });
    expect(counterexample?.[0]).toContainEqual({ type: 'rewind', to: 0 });
  });
});
