import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '@firn/stores';
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, event, listEnd } from './reflector-bench.fixture.ts';

const PHASES: readonly (readonly [string, (bench: Bench) => Promise<unknown>])[] = [
  ['a streaming list is asked for', async ({ reflector }) => reflector.start()],
  [
    'a streaming list is read',
    async ({ reflector, transport }) => {
      reflector.start();
      (await transport.next()).respond().events(event('ADDED', 'a', 5));
    },
  ],
  ['a watch is read', ({ synced }) => synced()],
  [
    'a watch is opened',
    async ({ synced, clock }) => {
      const exchange = await synced();
      await clock.advance(60_000);
      exchange.end();
    },
  ],
  [
    'it waits',
    async ({ synced, transport, clock }) => {
      (await synced()).reset();
      await clock.advance(800);
      (await transport.next()).fail();
    },
  ],
  [
    'a refusal is read',
    async ({ reflector, transport }) => {
      reflector.start();
      (await transport.next()).respond(403, '{"kind":"Status",');
    },
  ],
  [
    'a silent watch is probed',
    async ({ synced, transport, clock }) => {
      const exchange = await synced();
      await clock.advance(60_000);
      exchange.end();
      (await transport.next()).respond();
      await clock.advance(90_000);
    },
  ],
];

describe('the life of a reflector', () => {
  it.each(PHASES)(
    'rule 27: stopped while %s it emits and requests nothing more, and leaves nothing behind',
    async (_, reach) => {
      const bench = createBench();
      const { reflector, transport, sink, clock, settle } = bench;
      await reach(bench);
      await settle();
      await reflector.stop();
      const calls: string[] = [];
      sink.onCall = (call) => calls.push(call);
      const requests = transport.exchanges.length;
      for (const exchange of transport.exchanges) {
        expect(exchange.aborted || exchange.body.destroyed).toBe(true);
        exchange.events(event('ADDED', 'late', 999)).end();
      }
      await clock.advance('1h');
      await reflector.stop();
      expect(calls).toEqual([]);
      expect(transport.exchanges).toHaveLength(requests);
      expect(clock.pending).toBe(0);
      expect(sink.current?.phase).toBe('stopped');
    },
  );

  it.each([
    'list-started',
    'list-items shop/a@5',
    'list-committed 100',
    'batch ADDED shop/b@101',
    'status listing',
    'status watching',
    'error MALFORMED_JSON',
  ])(
    'rule 27: stopped from within the call "%s" nothing else is emitted but the stop itself',
    async (moment) => {
      const { reflector, transport, sink, clock, log, settle } = createBench();
      const after: string[] = [];
      let stopping = false;
      let stopped: Promise<void> | undefined;
      sink.onCall = (call) => {
        if (stopping) after.push(call);
        if (call !== moment || stopping) return;
        stopping = true;
        stopped = reflector.stop();
      };
      reflector.start();
      await settle();
      transport.exchanges[0]
        ?.respond()
        .events(event('ADDED', 'a', 5), listEnd(100), event('ADDED', 'b', 101))
        .write('garbage\n');
      await settle();
      await stopped;
      await clock.advance('1h');
      expect(stopped).toBeDefined();
      expect(log.filter((line) => line.startsWith('error'))).toEqual([]);
      expect(after.filter((call) => call !== 'list-discarded' && call !== 'status stopped')).toEqual([]);
      expect(after.at(-1)).toBe('status stopped');
      expect(clock.pending).toBe(0);
    },
  );

  it('rule 27: can be started again: it lists, and the old stream is never heard of again', async () => {
    const { reflector, transport, sink, settle, synced } = createBench();
    const first = await synced();
    await reflector.stop();
    reflector.start();
    reflector.start();
    const second = await transport.next();
    first.events(event('ADDED', 'ghost', 101));
    second.respond().events(event('ADDED', 'a', 110), listEnd(111));
    await settle();
    expect([...sink.contents.keys()]).toEqual(['shop/a']);
    expect(transport.exchanges).toHaveLength(2);
    await reflector.stop();
  });

  it('rule 27: started again from within the stop it goes on', async () => {
    const { reflector, transport, sink, settle } = createBench();
    reflector.start();
    await transport.next();
    const stopped = reflector.stop();
    reflector.start();
    await stopped;
    (await transport.next()).respond().events(listEnd(7));
    await settle();
    expect(sink.calls.at(-1)).toBe('list-committed 7');
    await reflector.stop();
  });

  it('a forced relist replaces the watch by a list of whatever is newest', async () => {
    const { reflector, transport, synced } = createBench();
    const exchange = await synced();
    reflector.forceRelist();
    const relist = await transport.next();
    expect(relist).toMatchObject({ kind: 'watch-list', query: { resourceVersion: '' } });
    expect(exchange.aborted).toBe(true);
    await reflector.stop();
  });

  it('a warm start watches where it is told to, without a list', async () => {
    const { reflector, transport, sink, settle } = createBench({ resume: { resourceVersion: '55' } });
    reflector.start();
    const watch = await transport.next();
    expect(watch).toMatchObject({ kind: 'watch', query: { resourceVersion: '55' } });
    watch.respond().events(event('ADDED', 'a', 56));
    await settle();
    expect(sink.calls).toEqual(['batch ADDED shop/a@56']);
    await reflector.stop();
  });

  it('rule 28: a receiver that throws is reported, and a new list brings what it may have missed', async () => {
    const { reflector, transport, sink, log, settle, synced } = createBench();
    const exchange = await synced();
    let thrown = false;
    sink.onCall = (call) => {
      if (!call.startsWith('batch') || thrown) return;
      thrown = true;
      throw new Error('broken receiver');
    };
    exchange.events(event('ADDED', 'a', 101));
    const relist = await transport.next();
    expect(relist.kind).toBe('watch-list');
    relist.respond().events(event('ADDED', 'a', 101), listEnd(102), event('ADDED', 'b', 103));
    await settle();
    expect([...sink.contents.keys()]).toEqual(['shop/a', 'shop/b']);
    expect(sink.errors.map((error) => error.code)).toEqual(['INTERNAL']);
    expect(log.some((line) => line.startsWith('warn'))).toBe(true);
    await reflector.stop();
  });

  it('rule 28: a receiver that throws at every call ends in a slow retry, not in a storm', async () => {
    const { reflector, transport, sink, clock } = createBench();
    sink.onCall = () => {
      throw new Error('broken receiver');
    };
    reflector.start();
    let answered = 0;
    for (let second = 0; second < 120; second++) {
      for (; answered < transport.exchanges.length; answered++)
        transport.exchanges[answered]?.respond().events(event('ADDED', 'a', 5), listEnd(100));
      await clock.advance(1000);
    }
    expect(transport.exchanges.length).toBeLessThan(20);
    await reflector.stop();
  });

  it('rule 29: the status of a flowing stream is told at most twice a second, and never lags for longer', async () => {
    const { reflector, sink, clock, synced } = createBench();
    const exchange = await synced();
    await clock.advance('10s');
    const before = sink.statuses.length;
    for (let rv = 1; rv <= 100; rv++) {
      exchange.events(event('MODIFIED', 'a', 100 + rv));
      await clock.advance(50);
    }
    expect(sink.statuses.length - before).toBeGreaterThanOrEqual(9);
    expect(sink.statuses.length - before).toBeLessThanOrEqual(11);
    await clock.advance(500);
    expect(sink.current).toMatchObject({ phase: 'watching', resourceVersion: '200', stale: false });
    expect(sink.current?.lastEventAt).toBe(clock.now() - 550);
    await reflector.stop();
  });

  it.each([
    ['one big chunk follows another', 2000, 20],
    ['one small chunk follows another', 1, 10_000],
  ])('lets others have the event loop while %s', async (_, frames, chunks) => {
    const { reflector, transport, sink } = createBench({ clock: systemClock });
    let last = false;
    sink.onCall = (call) => {
      last ||= call.endsWith('shop/last@3');
    };
    reflector.start();
    const exchange = await transport.next();
    exchange.respond().events(listEnd(1));
    const chunk = `${JSON.stringify(event('MODIFIED', 'a', 2))}\n`.repeat(frames);
    for (let count = 0; count < chunks; count++) exchange.write(chunk);
    exchange.events(event('MODIFIED', 'last', 3));
    let turns = 0;
    for (; !last; turns++) await nextTurn();
    expect(turns).toBeGreaterThan(3);
    await reflector.stop();
  });
});
