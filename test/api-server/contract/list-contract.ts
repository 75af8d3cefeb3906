/** What a list promises: form, order, pages, resource versions. */
import { describe, expect, it } from 'vitest';
import { type ApiClient, type Json, namesOf } from './api-client.ts';

/** Above any resource version of a test server, below 2^63. */
export const FAR_AHEAD = '9000000000';

/** Describes lists. */
export function describeLists(client: () => ApiClient): void {
  describe('list', () => {
    it('rule 8: items of built-in types carry neither apiVersion nor kind, the list does', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const { status, contentType, body } = await client().get(`${path}/configmaps`);
      expect([status, contentType]).toEqual([200, 'application/json']);
      expect(body).toMatchObject({
        kind: 'ConfigMapList',
        apiVersion: 'v1',
        metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/) },
      });
      expect(body.items[0]).toMatchObject({
        metadata: { name: 'a', uid: expect.any(String), creationTimestamp: expect.any(String) },
        data: { of: 'a' },
      });
      expect(Object.keys(body.items[0])).not.toContain('kind');
      expect(Object.keys(body.items[0])).not.toContain('apiVersion');
    });

    it('comes in the order of namespace and name as one key, and an empty one has items', async () => {
      const { path } = await client().namespace();
      const empty = await client().get(`${path}/configmaps`);
      expect(empty.body.items).toEqual([]);
      await client().configMaps(path, ['b', 'a-1', 'a', 'a.b', 'c0']);
      const { body } = await client().get(`${path}/configmaps`);
      expect(namesOf(body)).toEqual(['a', 'a-1', 'a.b', 'b', 'c0']);
    });

    it('has a resource version at least as new as the last write', async () => {
      const { path } = await client().namespace();
      const [written = ''] = await client().configMaps(path, ['a']);
      const { body } = await client().get(`${path}/configmaps`);
      expect(BigInt(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(BigInt(written));
    });

    it('rule 8: pages are of one resource version, whatever is written in between', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b', 'c', 'd', 'e']);
      const first = await client().get(`${path}/configmaps?limit=2`);
      expect(namesOf(first.body)).toEqual(['a', 'b']);
      expect(first.body.metadata).toMatchObject({ continue: expect.any(String), remainingItemCount: 3 });
      await client().configMaps(path, ['bb']);
      await client().delete(`${path}/configmaps/d`);
      const second = await client().get(
        `${path}/configmaps?limit=2&continue=${first.body.metadata.continue}`,
      );
      expect(namesOf(second.body)).toEqual(['c', 'd']);
      expect(second.body.metadata).toMatchObject({
        remainingItemCount: 1,
        resourceVersion: first.body.metadata.resourceVersion,
      });
      const third = await client().get(
        `${path}/configmaps?limit=2&continue=${second.body.metadata.continue}`,
      );
      expect(namesOf(third.body)).toEqual(['e']);
      expect(third.body.metadata.continue).toBeUndefined();
      expect(third.body.metadata.remainingItemCount).toBeUndefined();
    });

    it('a page that is exactly full is the last one', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b']);
      const { body } = await client().get(`${path}/configmaps?limit=2`);
      expect(namesOf(body)).toEqual(['a', 'b']);
      expect(body.metadata.continue).toBeUndefined();
    });

    it('with a selector, pages are full and do not tell how many are left', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'c', 'e'], { odd: 'yes' });
      await client().configMaps(path, ['b', 'd']);
      const first = await client().get(`${path}/configmaps?limit=2&labelSelector=odd`);
      expect(namesOf(first.body)).toEqual(['a', 'c']);
      expect(first.body.metadata.continue).toEqual(expect.any(String));
      expect(first.body.metadata.remainingItemCount).toBeUndefined();
    });

    it('resourceVersion 0 ignores the limit', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b', 'c']);
      const newest = await client().get(`${path}/configmaps`);
      // Any version will do for 0: only one that waits for these writes makes sure that they are there.
      await client().get(`${path}/configmaps?resourceVersion=${newest.body.metadata.resourceVersion}`);
      const { body } = await client().get(`${path}/configmaps?limit=1&resourceVersion=0`);
      expect(namesOf(body)).toEqual(['a', 'b', 'c']);
    });

    it('rule 7: limit beside a resource version means exactly that version; NotOlderThan lifts it', async () => {
      const { path } = await client().namespace();
      const [first = '', second = ''] = await client().configMaps(path, ['a', 'b', 'c']);
      const legacy = await client().get(`${path}/configmaps?limit=5&resourceVersion=${first}`);
      expect(namesOf(legacy.body)).toEqual(['a']);
      expect(legacy.body.metadata.resourceVersion).toBe(first);
      const exact = await client().get(
        `${path}/configmaps?resourceVersionMatch=Exact&resourceVersion=${second}`,
      );
      expect(namesOf(exact.body)).toEqual(['a', 'b']);
      expect(exact.body.metadata.resourceVersion).toBe(second);
      const newer = await client().get(
        `${path}/configmaps?resourceVersionMatch=NotOlderThan&resourceVersion=${first}`,
      );
      expect(namesOf(newer.body)).toEqual(['a', 'b', 'c']);
      const plain = await client().get(`${path}/configmaps?resourceVersion=${first}`);
      expect(namesOf(plain.body)).toEqual(['a', 'b', 'c']);
    });

    it.each([
      ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch'],
      ['resourceVersion=0&resourceVersionMatch=Exact', 422, 'resourceVersionMatch'],
      ['resourceVersion=5&resourceVersionMatch=Newest', 422, 'resourceVersionMatch'],
      ['sendInitialEvents=true', 422, 'sendInitialEvents'],
    ])('%s is answered with %d', async (query, status, field) => {
      const answer = await client().get(`/api/v1/configmaps?${query}`);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'Invalid',
        code: status,
      });
      expect(answer.body.details).toMatchObject({
        group: 'meta.k8s.io',
        kind: 'ListOptions',
        causes: [{ field }],
      });
    });

    it.each([
      'resourceVersion=abc',
      'limit=abc',
      'continue=abc',
      'timeoutSeconds=abc',
      'watch=1&timeoutSeconds=abc',
      'labelSelector=a%20b',
      'fieldSelector=spec.nope%3D1',
    ])('%s is answered with 400', async (query) => {
      const { status, body } = await client().get(`/api/v1/configmaps?${query}`);
      expect([status, body.kind, body.reason, body.code]).toEqual([400, 'Status', 'BadRequest', 400]);
    });

    it.each(['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact'])(
      'rule 10: a version that is not there yet times out with its cause (%s)',
      async (match) => {
        const { status, body, headers } = await client().get(
          `/api/v1/configmaps?resourceVersion=${FAR_AHEAD}${match}`,
        );
        expect([status, headers.get('retry-after')]).toEqual([504, '1']);
        expect(body).toMatchObject({ kind: 'Status', reason: 'Timeout', code: 504 });
        expect(body.details).toMatchObject({
          retryAfterSeconds: 1,
          causes: [{ reason: 'ResourceVersionTooLarge' }],
        });
        expect(body.message).toMatch(/^Timeout: Too large resource version: 9000000000, current: \d+$/);
      },
    );

    it('rule 23: metadata only, where the list is asked for as a list', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b']);
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
      const { body } = await client().get(`${path}/configmaps?limit=1`, { accept });
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(body.metadata).toMatchObject({ continue: expect.any(String), remainingItemCount: 1 });
      expect(body.items).toMatchObject([
        { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } },
      ]);
      expect(Object.keys(body.items[0]).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
      const single = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
      const refused = await client().get(`${path}/configmaps`, { accept: single });
      expect([refused.status, refused.body.reason]).toEqual([406, 'NotAcceptable']);
    });

    it('a table has a row for each object', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b']);
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { body } = await client().get(`${path}/configmaps`, { accept });
      expect(body).toMatchObject({
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: expect.any(String) },
      });
      const columns: string[] = body.columnDefinitions.map((column: Json) => column.name);
      expect([columns.at(0), columns.at(-1)]).toEqual(['Name', 'Age']);
      expect(body.rows.map((row: Json) => row.cells[0])).toEqual(['a', 'b']);
      expect(body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    });

    it.each<[string, Json]>([
      ['Metadata', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } }],
      ['Object', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { of: 'a' } }],
      ['None', null],
    ])('the rows of a table carry what is asked for: %s', async (includeObject, expected) => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const url = `${path}/configmaps?includeObject=${includeObject}`;
      const [row] = (await client().get(url, { accept })).body.rows;
      if (expected === null) expect(row.object).toBeNull();
      else expect(row.object).toMatchObject(expected);
      const wrong = await client().get(`${path}/configmaps?includeObject=Some`, { accept });
      expect([wrong.status, wrong.body.reason]).toEqual([400, 'BadRequest']);
    });

    it('rule 24: above 128 KiB a list is compressed for who accepts it, below never', async () => {
      const { path } = await client().namespace();
      const small = await client().send('GET', `${path}/configmaps`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(small.headers.get('content-encoding')).toBeNull();
      await small.text();
      await client().post(`${path}/configmaps`, {
        metadata: { name: 'big' },
        data: { text: 'x'.repeat(200_000) },
      });
      const big = await client().send('GET', `${path}/configmaps`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(big.headers.get('content-encoding')).toBe('gzip');
      expect(JSON.parse(await big.text()).items[0].data.text).toHaveLength(200_000);
      const plain = await client().send('GET', `${path}/configmaps`, {
        headers: { 'accept-encoding': 'identity' },
      });
      expect(plain.headers.get('content-encoding')).toBeNull();
      await plain.text();
    });
  });
}
