import { describe, expect, it } from 'vitest';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { createTransport } from '../transport/create-transport.ts';
import { RecordingSink } from './recording-sink.fixture.ts';
import { createReflector } from './reflector.ts';

const LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const WATCH = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

const secret = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name, labels: { app: 'shop' } },
  data: { password: 'c2VjcmV0' },
});

/** Keeps the objects themselves too. */
class KeepingSink extends RecordingSink {
  readonly objects: unknown[] = [];

  override listItems(objects: Parameters<RecordingSink['listItems']>[0]): void {
    this.objects.push(...objects);
    super.listItems(objects);
  }

  override batch(events: Parameters<RecordingSink['batch']>[0], bytes: number): void {
    for (const event of events) if ('object' in event) this.objects.push(event.object);
    super.batch(events, bytes);
  }
}

describe('metadata only, from the embedded API server', () => {
  it.each([
    ['watch-list', [WATCH]],
    ['list', [LIST, WATCH]],
  ] as const)(
    'rule 23: by %s no content is sent, and objects have their own kind',
    async (initialList, accepts) => {
      await using server = await startApiServer({ objects: [secret('a'), secret('b')] });
      const sink = new KeepingSink();
      const transport = createTransport(server.kubeConfig);
      const gvr = { group: '', version: 'v1', resource: 'secrets' };
      const target = { gvr, namespaced: true, kind: 'Secret' };
      const reflector = createReflector({ target, transport, sink, initialList, metadataOnly: true });
      try {
        reflector.start();
        await expect.poll(() => [...sink.contents.keys()]).toEqual(['shop/a', 'shop/b']);
        await expect.poll(() => sink.current?.phase).toBe('watching');
        await server.create(secret('c'));
        await expect.poll(() => [...sink.contents.keys()]).toEqual(['shop/a', 'shop/b', 'shop/c']);
        expect(sink.objects).toHaveLength(3);
        for (const object of sink.objects) {
          expect(object).toMatchObject({
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { labels: { app: 'shop' } },
          });
          expect(object).not.toHaveProperty('data');
        }
        expect(server.requests.map(({ headers }) => headers.accept)).toEqual(accepts);
      } finally {
        await reflector.stop();
        await transport.close();
      }
    },
  );
});
