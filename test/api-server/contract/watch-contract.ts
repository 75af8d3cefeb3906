/** What a watch promises: events, where it starts, bookmarks, ends. */
import { describe, expect, it } from 'vitest';
import { type ApiClient, eventsOf, type Json } from './api-client.ts';
import { FAR_AHEAD } from './list-contract.ts';

const WATCH_LIST =
  'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

async function newest(client: ApiClient, path: string): Promise<string> {
  const { body } = await client.get(path);
  return body.metadata.resourceVersion;
}

/** Describes watches. */
export function describeWatches(client: () => ApiClient): void {
  describe('watch', () => {
    it('sends whole objects with apiVersion and kind, in order, each at its own version', async () => {
      const { path } = await client().namespace();
      const start = await newest(client(), `${path}/configmaps`);
      const watch = await client().watch(`${path}/configmaps?watch=1&resourceVersion=${start}`);
      const [created] = await client().configMaps(path, ['a']);
      const patched = await client().patch(`${path}/configmaps/a`, 'merge-patch', { data: { more: 'yes' } });
      await client().delete(`${path}/configmaps/a`);
      const events = await watch.take(3);
      watch.close();
      expect(eventsOf(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
      expect(events[0].object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { of: 'a' } });
      const versions = events.map((event) => event.object.metadata.resourceVersion);
      expect(versions.slice(0, 2)).toEqual([created, patched.body.metadata.resourceVersion]);
      // A deletion carries the last state at the version of the deletion.
      expect(events[2].object.data).toEqual({ of: 'a', more: 'yes' });
      expect(BigInt(versions[2])).toBeGreaterThan(BigInt(versions[1]));
    });

    it.each(['', '&resourceVersion=0'])(
      'without a version the objects that are there come first (%s)',
      async (version) => {
        const { path } = await client().namespace();
        await client().configMaps(path, ['b', 'a']);
        await client().get(
          `${path}/configmaps?resourceVersion=${await newest(client(), `${path}/configmaps`)}`,
        );
        const watch = await client().watch(`${path}/configmaps?watch=1${version}`);
        const initial = await watch.take(2);
        await client().configMaps(path, ['c']);
        const [next] = await watch.take(1);
        watch.close();
        expect(eventsOf(initial).toSorted()).toEqual(['ADDED a', 'ADDED b']);
        expect(eventsOf([next])).toEqual(['ADDED c']);
      },
    );

    it('rule 11: goes on after the version it is given', async () => {
      const { path } = await client().namespace();
      const [, second] = await client().configMaps(path, ['a', 'b', 'c']);
      const watch = await client().watch(
        `${path}/configmaps?watch=1&resourceVersion=${second}&timeoutSeconds=1`,
      );
      expect(eventsOf(await watch.rest())).toEqual(['ADDED c']);
    });

    it('an update that changes nothing is no event and no new version', async () => {
      const { path } = await client().namespace();
      const [version] = await client().configMaps(path, ['a']);
      const patched = await client().patch(`${path}/configmaps/a`, 'merge-patch', { data: { of: 'a' } });
      expect(patched.body.metadata.resourceVersion).toBe(version);
      const watch = await client().watch(
        `${path}/configmaps?watch=1&resourceVersion=${version}&timeoutSeconds=1`,
      );
      expect(await watch.rest()).toEqual([]);
    });

    it('rules 1 to 3: WatchList ends the initial objects with a bookmark and goes on as a watch', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b']);
      const watch = await client().watch(`${path}/configmaps?${WATCH_LIST}`);
      const events = await watch.take(3);
      expect(eventsOf(events.slice(0, 2)).toSorted()).toEqual(['ADDED a', 'ADDED b']);
      expect(events[2]).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
      expect(events[2].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      await client().configMaps(path, ['c']);
      const [next] = await watch.take(1);
      watch.close();
      expect(eventsOf([next])).toEqual(['ADDED c']);
      expect(BigInt(next.object.metadata.resourceVersion)).toBeGreaterThan(
        BigInt(events[2].object.metadata.resourceVersion),
      );
    });

    it('rule 3: an empty WatchList is a bookmark alone', async () => {
      const { path } = await client().namespace();
      const watch = await client().watch(`${path}/configmaps?${WATCH_LIST}`);
      const [only] = await watch.take(1);
      watch.close();
      expect(only.type).toBe('BOOKMARK');
    });

    it('WatchList without bookmarks never says that it is complete', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1';
      const watch = await client().watch(`${path}/configmaps?${query}`);
      expect(eventsOf(await watch.rest())).toEqual(['ADDED a']);
    });

    it.each([
      'watch=1&sendInitialEvents=true',
      'watch=1&sendInitialEvents=false',
      'watch=1&sendInitialEvents=true&resourceVersionMatch=Exact',
      'watch=1&resourceVersionMatch=NotOlderThan',
      'watch=1&continue=abc',
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=abc',
    ])('rule 1: %s is answered with 422', async (query) => {
      const { status, body } = await client().get(`/api/v1/configmaps?${query}`);
      expect([status, body.reason]).toEqual([422, 'Invalid']);
      expect(body.details.causes[0].field).toBe('resourceVersionMatch');
    });

    it('rule 5: WatchList at a version that is not there yet is an ERROR event of 504 and ends', async () => {
      const watch = await client().watch(`/api/v1/configmaps?${WATCH_LIST}&resourceVersion=${FAR_AHEAD}`);
      const events = await watch.rest();
      expect(events).toMatchObject([
        { type: 'ERROR', object: { kind: 'Status', reason: 'Timeout', code: 504 } },
      ]);
      expect(events[0].object.details.causes).toMatchObject([{ reason: 'ResourceVersionTooLarge' }]);
    });

    it('rule 18: a watch at a version that is not there yet is silent', async () => {
      const { path } = await client().namespace();
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${FAR_AHEAD}&timeoutSeconds=2`;
      const watch = await client().watch(`${path}/configmaps?${query}`);
      await client().configMaps(path, ['a']);
      expect(await watch.rest()).toEqual([]);
    });

    it.each(['true', 'yes', ''])('%j asks for a watch', async (value) => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const watch = await client().watch(`${path}/configmaps?watch=${value}`);
      expect(eventsOf(await watch.take(1))).toEqual(['ADDED a']);
      watch.close();
    });

    it('a version that is none is a failure without a reason', async () => {
      const { status, body } = await client().get('/api/v1/configmaps?watch=1&resourceVersion=abc');
      expect([status, body.kind, Object.hasOwn(body, 'reason')]).toEqual([500, 'Status', false]);
    });

    it.each(['false', 'False', '0'])('%j asks for a list', async (value) => {
      const { path } = await client().namespace();
      expect((await client().get(`${path}/configmaps?watch=${value}`)).body.kind).toBe('ConfigMapList');
    });

    it('timeoutSeconds ends the stream in order', async () => {
      const { path } = await client().namespace();
      const watch = await client().watch(`${path}/configmaps?watch=1&timeoutSeconds=1`);
      expect(await watch.rest()).toEqual([]);
    });

    it('rule 12: a bookmark comes two seconds before the timeout', async () => {
      const { path } = await client().namespace();
      const [version = ''] = await client().configMaps(path, ['a']);
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}&timeoutSeconds=4`;
      const { path: elsewhere } = await client().namespace();
      const watch = await client().watch(`${path}/configmaps?${query}`);
      // Only a version beyond the one that a watch began with is worth a bookmark to a real server.
      await client().configMaps(elsewhere, ['b']);
      const events = await watch.rest();
      expect(events.length).toBeGreaterThan(0);
      for (const { type, object } of events) {
        expect([type, object.kind, object.apiVersion]).toEqual(['BOOKMARK', 'ConfigMap', 'v1']);
        expect(BigInt(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(BigInt(version));
        expect(object.metadata.annotations).toBeUndefined();
      }
    });

    it('an object that enters or leaves a selection is ADDED or DELETED, as it was when it left', async () => {
      const { path } = await client().namespace();
      const start = await newest(client(), `${path}/configmaps`);
      const watch = await client().watch(
        `${path}/configmaps?watch=1&resourceVersion=${start}&labelSelector=on%3Dyes`,
      );
      await client().configMaps(path, ['a']);
      const label = (value: string | null): Promise<Json> =>
        client().patch(`${path}/configmaps/a`, 'merge-patch', { metadata: { labels: { on: value } } });
      await label('yes');
      await client().patch(`${path}/configmaps/a`, 'merge-patch', { data: { x: '1' } });
      const left = await label(null);
      await client().delete(`${path}/configmaps/a`);
      await client().configMaps(path, ['b'], { on: 'yes' });
      const events = await watch.take(4);
      watch.close();
      expect(eventsOf(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
      expect(events[2].object.metadata.labels).toEqual({ on: 'yes' });
      expect(events[2].object.metadata.resourceVersion).toBe(left.body.metadata.resourceVersion);
    });

    it('a get of one object is no watch, whatever it asks for', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const { status, body } = await client().get(`${path}/configmaps/a?watch=1`);
      expect([status, body.kind, body.metadata?.name]).toEqual([200, 'ConfigMap', 'a']);
    });

    it('one object is watched by a field selector', async () => {
      const { path } = await client().namespace();
      const watch = await client().watch(`${path}/configmaps?watch=1&fieldSelector=metadata.name%3Db`);
      await client().configMaps(path, ['a', 'b', 'c']);
      const [event] = await watch.take(1);
      watch.close();
      expect(eventsOf([event])).toEqual(['ADDED b']);
    });

    it.each([
      [WATCH_LIST, 'gzip'],
      ['watch=1', null],
    ])(
      'rule 24: a WatchList is compressed for who accepts it, another watch never (%s)',
      async (query, encoding) => {
        const { path } = await client().namespace();
        await client().configMaps(path, ['a']);
        const headers = { 'accept-encoding': 'gzip' };
        const response = await client().send('GET', `${path}/configmaps?${query}&timeoutSeconds=1`, {
          headers,
        });
        expect(response.headers.get('content-encoding')).toBe(encoding);
        expect(await response.text()).toMatch(/^\{"type":"ADDED"/);
      },
    );

    it('tables: a row an event, and in a bookmark one whose object is its metadata', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';
      const query = `${WATCH_LIST}&fieldSelector=metadata.name%3Da`;
      const watch = await client().watch(`${path}/configmaps?${query}`, accept);
      const events = await watch.take(2);
      watch.close();
      expect(events.map(({ type, object }) => [type, object.kind, object.rows[0].object.kind])).toEqual([
        ['ADDED', 'Table', 'PartialObjectMetadata'],
        ['BOOKMARK', 'Table', 'PartialObjectMetadata'],
      ]);
    });

    it('rule 23: metadata only, with a bookmark of the same kind', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
      const watch = await client().watch(`${path}/configmaps?${WATCH_LIST}`, accept);
      const [added, bookmark] = await watch.take(2);
      watch.close();
      expect(added.object).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'a' },
      });
      expect(Object.keys(added.object).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'PartialObjectMetadata' } });
    });
  });
}
