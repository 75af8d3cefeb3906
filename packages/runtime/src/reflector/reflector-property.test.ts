import { compareResourceVersions } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { type Misbehaviour, ModelServer } from './model-server.fixture.ts';
import { RecordingSink } from './recording-sink.fixture.ts';
import { createReflector } from './reflector.ts';

const MISBEHAVIOURS: readonly Misbehaviour[] = [
  'refuse-connection',
  'time-out',
  'status-401',
  'status-410',
  'status-422',
  'status-429',
  'status-500',
  'too-large',
  'close-at-once',
  'reset-halfway',
  'garbage',
  'error-410',
  'error-429',
  'error-500',
  'never-ends',
];

type Action =
  | { readonly do: 'write' | 'delete'; readonly name: string }
  | {
      readonly do:
        | 'compact'
        | 'back-up'
        | 'restore'
        | 'end'
        | 'reset'
        | 'bookmarks'
        | 'force-relist'
        | 'restart';
    }
  | { readonly do: 'misbehave'; readonly how: Misbehaviour }
  | { readonly do: 'pass'; readonly ms: number };

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('write', 'delete'), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('misbehave'), how: fc.constantFrom(...MISBEHAVIOURS) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 0, max: 120_000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'compact',
        'back-up',
        'restore',
        'end',
        'reset',
        'bookmarks',
        'force-relist',
        'restart',
      ),
    }),
  },
) as fc.Arbitrary<Action>;

/** Checks on the way that the resume point never rewinds but by a commit. */
class WatchfulSink extends RecordingSink {
  readonly rewinds: string[] = [];
  #reached: string | undefined;

  override listCommitted(resourceVersion: string): void {
    this.#reached = resourceVersion;
    super.listCommitted(resourceVersion);
  }

  override status(status: Parameters<RecordingSink['status']>[0]): void {
    const { resourceVersion } = status;
    if (resourceVersion !== undefined) {
      if (this.#reached !== undefined && compareResourceVersions(resourceVersion, this.#reached) === -1)
        this.rewinds.push(`${this.#reached} -> ${resourceVersion}`);
      this.#reached = resourceVersion;
    }
    super.status(status);
  }
}

async function run(actions: readonly Action[], initialList: 'watch-list' | 'list', seed: number) {
  const clock = createManualClock();
  const server = new ModelServer();
  const sink = new WatchfulSink();
  let random = seed;
  const reflector = createReflector({
    target: { gvr: { group: '', version: 'v1', resource: 'secrets' }, namespaced: true, kind: 'Secret' },
    transport: server,
    sink,
    clock,
    initialList,
    pageSize: 2,
    random: () => {
      random = (random * 16_807) % 2_147_483_647;
      return random / 2_147_483_647;
    },
  });
  reflector.start();
  const perform: Record<Action['do'], (action: Action) => Promise<void> | void> = {
    write: (action) => server.write((action as { name: string }).name),
    delete: (action) => server.delete((action as { name: string }).name),
    compact: () => server.compact(),
    'back-up': () => server.backUp(),
    restore: () => server.restore(),
    end: () => server.breakStreams('end'),
    reset: () => server.breakStreams('reset'),
    bookmarks: () => server.sendBookmarks(),
    'force-relist': () => reflector.forceRelist(),
    restart: async () => {
      await reflector.stop();
      reflector.start();
    },
    misbehave: (action) => void server.misbehaviours.push((action as { how: Misbehaviour }).how),
    pass: (action) => clock.advance((action as { ms: number }).ms),
  };
  for (const next of actions) {
    await perform[next.do](next);
    await clock.advance(0);
  }
  const elapsed = clock.monotonic();
  const requests = server.requests;
  server.misbehaviours.length = 0;
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance('1m');
    server.sendBookmarks();
  }
  await clock.advance(0);
  await reflector.stop();
  return { server, sink, clock, elapsed, requests };
}

const contents = (entries: Iterable<[string, unknown]>): string =>
  JSON.stringify([...entries].map(([key, value]) => `${key}@${value}`).sort());

describe('a reflector and a server that misbehaves', () => {
  it.each(['watch-list', 'list'] as const)(
    'by %s: at rest it holds what the server holds, its resume RV never rewinds by itself, its requests are few',
    async (initialList) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(action, { maxLength: 40 }),
          fc.integer({ min: 1, max: 1_000_000 }),
          async (actions, seed) => {
            const { server, sink, clock, elapsed, requests } = await run(actions, initialList, seed);
            const held = [...sink.contents].map(([key, rv]): [string, unknown] => [key.slice(5), rv]);
            expect(contents(held)).toBe(contents(server.objects));
            expect(sink.rewinds).toEqual([]);
            expect(clock.pending).toBe(0);
            // Each action can cause a list of a few pages and a watch; time alone causes two requests a minute.
            expect(requests).toBeLessThanOrEqual(8 + 8 * actions.length + elapsed / 10_000);
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
