import { describe, expect, it } from 'vitest';
import { bookmark, createBench, errorEvent, event, listEnd, secret } from './reflector-bench.fixture.ts';
import { createWatchListSupport } from './watch-list-support.ts';

describe('a streaming list on the wire', () => {
  it('rule 3: items are staged, the end commits, and the same stream goes on as the watch', async () => {
    const { reflector, transport, sink, settle } = createBench();
    reflector.start();
    const exchange = await transport.next();
    expect(exchange.request.path).toBe('/api/v1/secrets');
    exchange.respond().events(event('ADDED', 'b', 7), event('ADDED', 'a', 9));
    await settle();
    expect(sink.contents.size).toBe(0);
    exchange.events(listEnd(12));
    exchange.events(event('MODIFIED', 'a', 13));
    await settle();
    expect(sink.calls).toEqual([
      'list-started',
      'list-items shop/b@7 shop/a@9',
      'list-committed 12',
      'batch MODIFIED shop/a@13',
    ]);
    expect(transport.exchanges).toHaveLength(1);
    await reflector.stop();
  });

  it('rule 3: list, end and first events in one chunk come apart in the right order', async () => {
    const { reflector, transport, sink, clock, settle } = createBench();
    reflector.start();
    const exchange = await transport.next();
    exchange.respond().events(event('ADDED', 'a', 7), listEnd(12), event('ADDED', 'b', 13), bookmark(14));
    await settle();
    expect(sink.calls.slice(1)).toEqual([
      'list-items shop/a@7',
      'list-committed 12',
      'batch ADDED shop/b@13 BOOKMARK@14',
    ]);
    await clock.advance(500);
    expect(sink.current?.resourceVersion).toBe('14');
    await reflector.stop();
  });

  it.each([undefined, 'false', 'True', '1', ''])(
    'rule 3: a bookmark with the annotation %j is not the end',
    async (annotation) => {
      const { reflector, transport, sink, settle } = createBench();
      reflector.start();
      const exchange = await transport.next();
      exchange.respond().events(event('ADDED', 'a', 7), bookmark(12, annotation));
      await settle();
      expect(sink.calls).not.toContain('list-committed 12');
      expect(sink.current?.resourceVersion).toBeUndefined();
      exchange.events(listEnd(13));
      await settle();
      expect(sink.calls).toContain('list-committed 13');
      await reflector.stop();
    },
  );

  it('rule 2: what is modified or deleted before the end changes the staged list, in order', async () => {
    const { reflector, transport, sink, settle } = createBench();
    reflector.start();
    const exchange = await transport.next();
    exchange
      .respond()
      .events(
        event('ADDED', 'a', 7),
        event('ADDED', 'b', 8),
        event('DELETED', 'a', 9),
        event('MODIFIED', 'b', 10),
        event('ADDED', 'c', 11),
        listEnd(12),
      );
    await settle();
    expect([...sink.contents]).toEqual([
      ['shop/b', '10'],
      ['shop/c', '11'],
    ]);
    await reflector.stop();
  });

  it('rule 4: an early end leaves what readers see untouched; the third falls back to pages', async () => {
    const { reflector, transport, sink, clock, settle } = createBench();
    reflector.start();
    for (let attempt = 0; attempt < 3; attempt++) {
      const exchange = await transport.next();
      expect(exchange.kind).toBe('watch-list');
      exchange
        .respond()
        .events(event('ADDED', 'a', 7))
        .end();
      await settle();
      expect(sink.contents.size).toBe(0);
      await clock.advance(attempt === 2 ? 0 : 2000);
    }
    const pages = await transport.next();
    expect(pages.kind).toBe('list');
    pages.list([secret('a', 7)], { resourceVersion: '20' });
    await settle();
    expect(sink.calls.at(-1)).toBe('list-committed 20');
    await reflector.stop();
  });

  it('rule 5: what one reflector learned of a server, another one knows, for an hour', async () => {
    const watchListSupport = createWatchListSupport();
    const first = createBench({ watchListSupport });
    first.reflector.start();
    (await first.transport.next()).refuse(422, { reason: 'Invalid' });
    expect((await first.transport.next()).kind).toBe('list');
    expect(first.log.filter((line) => line.startsWith('warn'))).toEqual([]);
    expect(first.sink.errors).toEqual([]);
    await first.reflector.stop();
    const { clock } = first;
    const second = createBench({ watchListSupport, clock });
    await clock.advance('59m');
    second.reflector.start();
    expect((await second.transport.next()).kind).toBe('list');
    await second.reflector.stop();
    await clock.advance('1m');
    second.reflector.start();
    expect((await second.transport.next()).kind).toBe('watch-list');
    await second.reflector.stop();
  });

  it('rule 5: an ERROR event with a too large RV during a relist asks for whatever is newest', async () => {
    const { reflector, transport, synced, settle } = createBench();
    const exchange = await synced();
    exchange.events(errorEvent(410));
    const relist = await transport.next();
    expect(relist.query.resourceVersion).toBe('100');
    relist.respond().events(
      errorEvent(504, {
        reason: 'Timeout',
        details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
      }),
    );
    await settle();
    expect((await transport.next()).query.resourceVersion).toBe('');
    expect(exchange.aborted).toBe(true);
    await reflector.stop();
  });
});

describe('a list on the wire', () => {
  it('rules 6–8: pages are staged one by one and committed as one, items with the kind of their list', async () => {
    const { reflector, transport, sink, settle } = createBench({ initialList: 'list' });
    reflector.start();
    const bare = (name: string) => ({ metadata: { namespace: 'shop', name, resourceVersion: '5' } });
    (await transport.next()).list([bare('a'), bare('b')], { resourceVersion: '40', continue: 'more' });
    const second = await transport.next();
    expect(second.query).toEqual({ limit: '500', continue: 'more' });
    expect(sink.contents.size).toBe(0);
    expect(sink.current).toMatchObject({ phase: 'listing', listed: 2 });
    second.list([bare('c')], { resourceVersion: '41' });
    const watch = await transport.next();
    expect(watch.query).toMatchObject({ watch: '1', resourceVersion: '40' });
    await settle();
    expect([...sink.contents.keys()]).toEqual(['shop/a', 'shop/b', 'shop/c']);
    await reflector.stop();
  });

  it('rule 8: a body that arrives byte by byte is the same list', async () => {
    const { reflector, transport, sink } = createBench({ initialList: 'list' });
    reflector.start();
    const exchange = await transport.next();
    exchange.respond();
    const bare = (name: string) => ({ metadata: { namespace: 'shop', name, resourceVersion: '1' } });
    const items = [bare('ä\u2028'), bare('b')];
    const metadata = { resourceVersion: '9' };
    // The list names its kind only after its items, as sorted keys have it.
    const text = JSON.stringify({ apiVersion: 'v1', items, kind: 'SecretList', metadata });
    for (const byte of Buffer.from(text)) exchange.write(Uint8Array.of(byte));
    exchange.end();
    await transport.next();
    expect([...sink.contents.keys()]).toEqual(['shop/ä\u2028', 'shop/b']);
    await reflector.stop();
  });

  it.each([
    [
      'a cut body',
      '{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[{',
      'TRUNCATED_LIST',
    ],
    ['an HTML page', '<html><body>Sign in</body></html>', 'NOT_A_LIST'],
    ['a Table', '{"kind":"Table","metadata":{"resourceVersion":"9"},"rows":[]}', 'NOT_A_LIST'],
    ['a list without an RV', '{"kind":"SecretList","metadata":{},"items":[]}', 'MISSING_RESOURCE_VERSION'],
    [
      'an item without an RV',
      '{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"}}]}',
      'MISSING_RESOURCE_VERSION',
    ],
    [
      'a list of something else',
      '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a","resourceVersion":"1"}}]}',
      'WRONG_KIND',
    ],
  ])(
    'rule 12: %s is a typed error; nothing of it is stored, and it is asked for again',
    async (_, body, code) => {
      const { reflector, transport, sink, clock, settle } = createBench({ initialList: 'list' });
      reflector.start();
      (await transport.next()).respond(200, body).end();
      await settle();
      expect(sink.errors.map((error) => error.code)).toEqual([code]);
      expect(sink.calls.at(-1)).toBe('list-discarded');
      expect(sink.current).toMatchObject({ phase: 'backoff', lastError: { code } });
      await clock.advance(800);
      (await transport.next()).list([], { resourceVersion: '10' });
      await settle();
      expect(sink.calls.at(-1)).toBe('list-committed 10');
      await reflector.stop();
    },
  );

  it('rule 23: metadata-only lists and watches ask for partial objects and store them under their own kind', async () => {
    const { reflector, transport, sink, settle } = createBench({ initialList: 'list', metadataOnly: true });
    reflector.start();
    const list = await transport.next();
    expect(list.request.accept).toBe(
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    );
    const partial = {
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadata',
      metadata: { namespace: 'shop', name: 'a', resourceVersion: '3' },
    };
    list
      .respond(
        200,
        JSON.stringify({
          apiVersion: 'meta.k8s.io/v1',
          kind: 'PartialObjectMetadataList',
          metadata: { resourceVersion: '5' },
          items: [partial],
        }),
      )
      .end();
    const watch = await transport.next();
    expect(watch.request.accept).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    );
    watch.respond().events({
      type: 'MODIFIED',
      object: { ...partial, metadata: { ...partial.metadata, resourceVersion: '6' } },
    });
    await settle();
    expect(sink.calls.slice(1)).toEqual([
      'list-items shop/a@3',
      'list-committed 5',
      'batch MODIFIED shop/a@6',
    ]);
    await reflector.stop();
  });
});
