import { describe, expect, it } from 'vitest';
import { TransportError } from '../transport/transport-error.ts';
import { bookmark, createBench, errorEvent, event, listEnd, secret } from './reflector-bench.fixture.ts';

describe('a watch on the wire', () => {
  it('rule 12: events and bookmarks of one chunk are one batch, and all move the resume RV', async () => {
    const { reflector, transport, sink, clock, synced } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 101), event('MODIFIED', 'a', 102), event('DELETED', 'a', 103));
    exchange.events(bookmark(120));
    await clock.advance(60_000);
    expect(sink.calls.slice(-2)).toEqual([
      'batch ADDED shop/a@101 MODIFIED shop/a@102 DELETED shop/a@103',
      'batch BOOKMARK@120',
    ]);
    exchange.end();
    expect((await transport.next()).query.resourceVersion).toBe('120');
    await reflector.stop();
  });

  it('rule 21: a late event is handed on, but never rewinds the resume RV', async () => {
    const { reflector, transport, sink, clock, synced } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 1000), event('ADDED', 'b', 999), bookmark(998));
    await clock.advance(60_000);
    expect(sink.calls.at(-1)).toBe('batch ADDED shop/a@1000 ADDED shop/b@999 BOOKMARK@998');
    exchange.end();
    expect((await transport.next()).query.resourceVersion).toBe('1000');
    await reflector.stop();
  });

  it('rule 21: RVs beyond 2^53 and of unknown form are told apart', async () => {
    const { reflector, transport, clock, synced } = createBench();
    const exchange = await synced();
    const big = '340282366920938463463374607431768211455';
    exchange.events(event('ADDED', 'a', big), event('ADDED', 'b', `${big.slice(0, -1)}4`));
    await clock.advance(60_000);
    exchange.end();
    const second = await transport.next();
    expect(second.query.resourceVersion).toBe(big);
    second.respond().events(event('ADDED', 'c', 'v7-opaque'));
    await clock.advance(60_000);
    second.end();
    expect((await transport.next()).query.resourceVersion).toBe('v7-opaque');
    await reflector.stop();
  });

  it('rule 25: frames are cut at newline bytes only, wherever the chunks end', async () => {
    const { reflector, sink, settle, synced } = createBench();
    const exchange = await synced();
    const text = `${JSON.stringify(event('ADDED', 'a\u2028b\u2029c😀', 101))}\n${JSON.stringify(event('ADDED', 'd', 102))}\n`;
    for (const byte of Buffer.from(text)) exchange.write(Uint8Array.of(byte));
    await settle();
    expect([...sink.contents.keys()]).toEqual(['shop/a\u2028b\u2029c😀', 'shop/d']);
    await reflector.stop();
  });

  it.each([
    ['is not JSON', '{"type":"ADDED","obj\n', 'MALFORMED_JSON'],
    ['is no event', '{"hello":1}\n', 'NOT_A_WATCH_EVENT'],
    [
      'is a Table',
      '{"type":"ADDED","object":{"apiVersion":"meta.k8s.io/v1","kind":"Table","metadata":{"name":"a","resourceVersion":"1"}}}\n',
      'WRONG_KIND',
    ],
    [
      'has no RV',
      '{"type":"ADDED","object":{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}}\n',
      'MISSING_RESOURCE_VERSION',
    ],
    [
      'is a bookmark without an RV',
      '{"type":"BOOKMARK","object":{"kind":"Secret","metadata":{}}}\n',
      'MISSING_RESOURCE_VERSION',
    ],
  ])(
    'rule 25: a frame that %s ends the stream, and a relist at the last whole event follows',
    async (_, frame, code) => {
      const { reflector, transport, sink, synced, settle } = createBench();
      const exchange = await synced();
      const good = `${JSON.stringify(event('ADDED', 'a', 101))}\n`;
      const never = `${JSON.stringify(event('ADDED', 'b', 999))}\n`;
      exchange.write(good + frame + never);
      await settle();
      expect(sink.errors.map((error) => error.code)).toEqual([code]);
      expect(sink.calls.slice(-2)).toEqual(['batch ADDED shop/a@101', 'list-started']);
      expect(exchange.body.destroyed).toBe(true);
      const relist = await transport.next();
      expect(relist).toMatchObject({ kind: 'watch-list', query: { resourceVersion: '101' } });
      relist.respond().events(event('ADDED', 'c', 90), listEnd(1000));
      await settle();
      expect([...sink.contents.keys()]).toEqual(['shop/c']);
      await reflector.stop();
    },
  );

  it('rule 12: where nobody has named the kind, the first object does, until the next list', async () => {
    const target = { gvr: { group: '', version: 'v1', resource: 'secrets' }, namespaced: true };
    const { reflector, transport, sink, synced, settle } = createBench({ target });
    const exchange = await synced();
    const pod = { ...event('ADDED', 'p', 102), object: { ...secret('p', 102), kind: 'Pod' } };
    exchange.events(event('ADDED', 'a', 101), pod);
    const relist = await transport.next();
    expect(sink.errors.map((error) => error.code)).toEqual(['WRONG_KIND']);
    expect([...sink.contents.keys()]).toEqual(['shop/a']);
    relist.respond().events(pod, listEnd(103));
    await settle();
    expect([...sink.contents.keys()]).toEqual(['shop/p']);
    await reflector.stop();
  });

  it('rule 13: what came before an ERROR event counts, what comes after it does not', async () => {
    const { reflector, transport, sink, synced, settle } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 101), errorEvent(410), event('ADDED', 'b', 102));
    await settle();
    expect(sink.calls.slice(-2)).toEqual(['batch ADDED shop/a@101', 'list-started']);
    expect((await transport.next()).query).toMatchObject({
      sendInitialEvents: 'true',
      resourceVersion: '101',
    });
    expect(exchange.aborted).toBe(true);
    exchange.events(event('ADDED', 'c', 103));
    await settle();
    expect(sink.calls.at(-1)).toBe('list-started');
    await reflector.stop();
  });

  it('rule 14: a watch cut within an event goes on where the last whole one was, without a list', async () => {
    const { reflector, transport, sink, clock, synced } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 101));
    await clock.advance(10_000);
    exchange.write('{"type":"ADDED","object":{"kind":"Sec').end();
    const second = await transport.next();
    expect(second).toMatchObject({ kind: 'watch', query: { resourceVersion: '101' } });
    expect(sink.errors.map((error) => error.code)).toEqual(['TRUNCATED']);
    await reflector.stop();
  });

  it.each([
    [
      'closes at once',
      (bench: ReturnType<typeof createBench>) => bench.transport.exchanges.at(-1)?.respond().end(),
    ],
    [
      'delivers one event and closes',
      (bench: ReturnType<typeof createBench>) =>
        bench.transport.exchanges
          .at(-1)
          ?.respond()
          .events(event('MODIFIED', 'a', 200))
          .end(),
    ],
    ['refuses', (bench: ReturnType<typeof createBench>) => bench.transport.exchanges.at(-1)?.refuse(503)],
    ['answers 410', (bench: ReturnType<typeof createBench>) => bench.transport.exchanges.at(-1)?.refuse(410)],
    [
      'sends an ERROR event',
      (bench: ReturnType<typeof createBench>) =>
        bench.transport.exchanges.at(-1)?.respond().events(errorEvent(500)).end(),
    ],
    [
      'sends garbage',
      (bench: ReturnType<typeof createBench>) =>
        bench.transport.exchanges.at(-1)?.respond().write('garbage\n'),
    ],
    [
      'resets',
      (bench: ReturnType<typeof createBench>) => bench.transport.exchanges.at(-1)?.respond().reset(),
    ],
    ['hangs up', (bench: ReturnType<typeof createBench>) => bench.transport.exchanges.at(-1)?.fail()],
  ])('rule 14: a server that always %s gets few requests', async (_, answer) => {
    const bench = createBench();
    const exchange = await bench.synced();
    await bench.clock.advance(180_000);
    exchange.reset();
    let answered = 1;
    for (let second = 0; second < 600; second++) {
      await bench.clock.advance(1000);
      for (; answered < bench.transport.exchanges.length; answered++) answer(bench);
    }
    // 10 min: half a dozen while the delay grows to 30 s, then two a minute, each perhaps with a list in pages.
    expect(bench.transport.exchanges.length).toBeGreaterThan(15);
    expect(bench.transport.exchanges.length).toBeLessThan(56);
    await bench.reflector.stop();
  });

  it('rule 15: a 401 refreshes the credentials before the request is repeated', async () => {
    const { reflector, transport, sink, settle } = createBench();
    reflector.start();
    const first = await transport.next();
    expect(transport.refreshes).toBe(0);
    first.refuse(401);
    await transport.next();
    expect(transport.refreshes).toBe(1);
    transport.exchanges.at(-1)?.refuse(401);
    await settle();
    expect(transport.refreshes).toBe(1);
    expect(sink.current).toMatchObject({ phase: 'backoff', lastError: { code: 'UNAUTHORIZED' } });
    await reflector.stop();
  });

  it('rule 15: the repeated request waits for the credentials, and fails with them', async () => {
    const { reflector, transport, sink, settle } = createBench();
    reflector.start();
    const { promise, reject } = Promise.withResolvers<void>();
    transport.refreshing = promise;
    (await transport.next()).refuse(401);
    await settle();
    expect(transport.exchanges).toHaveLength(1);
    reject(new TransportError('the exec plugin failed', { code: 'CREDENTIALS' }));
    await settle();
    expect(transport.exchanges).toHaveLength(1);
    expect(sink.current).toMatchObject({ phase: 'backoff', lastError: { code: 'CREDENTIALS' } });
    await reflector.stop();
  });

  it('rule 15: a CRD that is removed leaves what the stream said, and the state names the reason', async () => {
    const { reflector, transport, sink, clock, synced } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 101), event('ADDED', 'b', 102), event('DELETED', 'a', 103));
    await clock.advance(60_000);
    exchange.end();
    (await transport.next()).refuse(404);
    await clock.advance(30_000);
    expect([...sink.contents.keys()]).toEqual(['shop/b']);
    expect(sink.current?.lastError?.code).toBe('NOT_FOUND');
    expect((await transport.next()).kind).toBe('watch');
    await reflector.stop();
  });

  it('rule 17: a quiet watch that shows a bookmark once a minute is never cut', async () => {
    const { reflector, transport, clock, synced } = createBench();
    const exchange = await synced();
    for (let minute = 1; minute <= 4; minute++) {
      await clock.advance('1m');
      exchange.events(bookmark(100 + minute));
    }
    await clock.advance('30s');
    expect(transport.exchanges).toHaveLength(1);
    expect(exchange.aborted).toBe(false);
    await clock.advance('1m');
    expect((await transport.next()).query.resourceVersion).toBe('104');
    expect(exchange.aborted).toBe(true);
    await reflector.stop();
  });

  it('rule 18: a restored server is noticed by the probe of a silent watch, and its state replaces ours', async () => {
    const { reflector, transport, sink, clock, synced, settle } = createBench();
    const exchange = await synced();
    exchange.events(event('ADDED', 'a', 150));
    await clock.advance(60_000);
    exchange.end();
    const silent = await transport.next();
    silent.respond();
    await clock.advance(90_000);
    const probe = await transport.next();
    expect(probe.kind).toBe('probe');
    expect(silent.aborted).toBe(false);
    probe.list([secret('old', 60)], { resourceVersion: '70', continue: 'more' });
    const relist = await transport.next();
    expect(relist).toMatchObject({ kind: 'watch-list', query: { resourceVersion: '' } });
    relist.respond().events(event('ADDED', 'old', 60), listEnd(70));
    await settle();
    expect(silent.aborted).toBe(true);
    expect([...sink.contents]).toEqual([['shop/old', '60']]);
    expect(sink.current?.resourceVersion).toBe('70');
    await reflector.stop();
  });
});
