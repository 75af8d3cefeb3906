/** What patches of every kind promise, server-side apply among them. */
import { describe, expect, it } from 'vitest';
import type { Answer, ApiClient, Json } from './api-client.ts';
import { failure } from './failure.ts';

/** Describes patches. */
export function describePatches(client: () => ApiClient): void {
  describe('patch', () => {
    it('merges, removes by null, and checks the version it is given', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const merged = await client().patch(`${path}/configmaps/a`, 'merge-patch', {
        data: { of: null, x: '1' },
      });
      expect([merged.status, merged.body.data]).toEqual([200, { x: '1' }]);
      const old = await client().patch(`${path}/configmaps/a`, 'merge-patch', {
        metadata: { resourceVersion: '1' },
        data: { x: '2' },
      });
      expect(failure(old)).toEqual([409, 'Conflict', 409]);
      expect(failure(await client().patch(`${path}/configmaps/nope`, 'merge-patch', {}))).toEqual([
        404,
        'NotFound',
        404,
      ]);
      const renamed = await client().patch(`${path}/configmaps/a`, 'merge-patch', {
        metadata: { name: 'b' },
      });
      expect(failure(renamed)).toEqual([400, 'BadRequest', 400]);
      for (const wrong of [
        { kind: 'Secret' },
        { apiVersion: 'v2' },
        { metadata: { uid: 'q' } },
        { metadata: { labels: { x: 5 } } },
      ]) {
        const refused = await client().patch(`${path}/configmaps/a`, 'merge-patch', wrong);
        expect([refused.status, refused.body.reason], JSON.stringify(wrong)).toEqual([422, 'Invalid']);
      }
    });

    it.each([`fieldManager=${'x'.repeat(129)}`, 'force=true'])('refuses %s', async (query) => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const answer = await client().patch(`${path}/configmaps/a?${query}`, 'merge-patch', {});
      expect(failure(answer)).toEqual([422, 'Invalid', 422]);
      expect(answer.body.details.kind).toBe('PatchOptions');
    });

    it('applies JSON patches, or none of their operations', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const url = `${path}/configmaps/a`;
      const done = await client().patch(url, 'json-patch', [
        { op: 'test', path: '/data/of', value: 'a' },
        { op: 'add', path: '/metadata/labels', value: { 'example.com/b': '2' } },
        { op: 'add', path: '/metadata/labels/example.com~1a', value: '1' },
        { op: 'move', from: '/data/of', path: '/data/moved' },
      ]);
      expect([done.status, done.body.data]).toEqual([200, { moved: 'a' }]);
      expect(done.body.metadata.labels).toEqual({ 'example.com/a': '1', 'example.com/b': '2' });
      const failed = await client().patch(url, 'json-patch', [
        { op: 'add', path: '/data/z', value: '1' },
        { op: 'test', path: '/data/moved', value: 'b' },
      ]);
      expect(failure(failed)).toEqual([422, 'Invalid', 422]);
      expect(
        failure(await client().patch(url, 'json-patch', [{ op: 'remove', path: '/data/nope' }])),
      ).toEqual([422, 'Invalid', 422]);
      expect(failure(await client().patch(url, 'json-patch', { op: 'remove' }))).toEqual([
        400,
        'BadRequest',
        400,
      ]);
      expect(failure(await client().patch(url, 'json-patch', [{ op: 'add' }]))).toEqual([
        422,
        'Invalid',
        422,
      ]);
      expect(failure(await client().patch(url, 'json-patch', [{ op: 'frob', path: '/data/x' }]))).toEqual([
        422,
        'Invalid',
        422,
      ]);
      expect((await client().get(url)).body.data).toEqual({ moved: 'a' });
      // What is not there counts as null, and can be replaced.
      const lenient = await client().patch(url, 'json-patch', [
        { op: 'test', path: '/data/new', value: null },
        { op: 'replace', path: '/data/new', value: '1' },
      ]);
      expect([lenient.status, lenient.body.data]).toEqual([200, { moved: 'a', new: '1' }]);
    });

    it('merges lists by their keys where a patch is strategic', async () => {
      const { path } = await client().namespace();
      const deployments = path.replace('/api/v1', '/apis/apps/v1');
      const containers = [
        { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ];
      const labels = { app: 'x' };
      const spec = {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      };
      const created = await client().post(`${deployments}/deployments`, { metadata: { name: 'd' }, spec });
      expect(created.status).toBe(201);
      const patch = {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'a', env: [{ name: 'Y', value: '2' }] },
                { name: 'b', $patch: 'delete' },
                { name: 'c', image: 'c:1' },
              ],
            },
          },
        },
      };
      const { status, body } = await client().patch(
        `${deployments}/deployments/d`,
        'strategic-merge-patch',
        patch,
      );
      expect(status).toBe(200);
      const found: Json[] = body.spec.template.spec.containers;
      const byName = Object.fromEntries(found.map((container) => [container.name, container]));
      expect(Object.keys(byName).toSorted()).toEqual(['a', 'c']);
      expect(byName.a.image).toBe('a:1');
      // What is new in a patch comes before what it does not name.
      expect(byName.a.env.map((entry: Json) => entry.name)).toEqual(['Y', 'X']);
      expect(found.map(({ name }) => name)).toEqual(['a', 'c']);
      expect(body.metadata.generation).toBe(created.body.metadata.generation + 1);
    });

    it('refuses a kind of patch that it does not know', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const answer = await client().request('PATCH', `${path}/configmaps/a`, {
        body: {},
        contentType: 'application/json',
      });
      expect(failure(answer)).toEqual([415, 'UnsupportedMediaType', 415]);
    });

    it('server-side apply creates, changes, and removes what its manager no longer applies', async () => {
      const { path } = await client().namespace();
      const url = `${path}/configmaps/a?fieldManager=me`;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
      const created = await client().apply(url, { ...object, data: { x: '1', y: '1' } });
      expect([created.status, created.body.data]).toEqual([201, { x: '1', y: '1' }]);
      await client().patch(`${path}/configmaps/a`, 'merge-patch', { data: { other: 'o' } });
      const applied = await client().apply(url, { ...object, data: { y: '2' } });
      expect([applied.status, applied.body.data]).toEqual([200, { y: '2', other: 'o' }]);
      const nobody = await client().apply(`${path}/configmaps/a`, object);
      expect(failure(nobody)).toEqual([422, 'Invalid', 422]);
      const another = await client().apply(url, { ...object, metadata: { name: 'b' } });
      expect(failure(another)).toEqual([400, 'BadRequest', 400]);
      const made = await client().apply(`${path}/configmaps/c?fieldManager=me`, object);
      expect(failure(made)).toEqual([400, 'BadRequest', 400]);
      const nameless = { apiVersion: 'v1', kind: 'ConfigMap' };
      const unnamed = await client().apply(`${path}/configmaps/d?fieldManager=me`, nameless);
      expect(failure(unnamed)).toEqual([400, 'BadRequest', 400]);
      expect((await client().apply(url, nameless)).status).toBe(200);
      for (const wrong of [
        { metadata: { name: 'a' } },
        { ...object, metadata: { name: 'a', managedFields: [{}] } },
      ]) {
        const refused = await client().apply(url, wrong);
        expect(refused.status, JSON.stringify(wrong)).toBe(400);
      }
    });

    it('server-side apply removes items of keyed lists that its manager no longer applies, and no others', async () => {
      const { name: namespace } = await client().namespace();
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/d`;
      const matchLabels = { app: 'd' };
      const apply = (...containers: readonly Json[]): Promise<Answer> =>
        client().apply(`${path}?fieldManager=me`, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'd' },
          spec: {
            selector: { matchLabels },
            template: { metadata: { labels: matchLabels }, spec: { containers } },
          },
        });
      const env = [
        { name: 'x', value: '1' },
        { name: 'y', value: '2' },
      ];
      expect((await apply({ name: 'a', image: 'a:1', env }, { name: 'b', image: 'b:1' })).status).toBe(201);
      const other = { spec: { template: { spec: { containers: [{ name: 'c', image: 'c:1' }] } } } };
      await client().patch(path, 'strategic-merge-patch', other);
      const { body } = await apply({ name: 'a', image: 'a:2', env: env.slice(1) });
      const containers: Json[] = body.spec.template.spec.containers;
      expect(containers.map(({ image }) => image).sort()).toEqual(['a:2', 'c:1']);
      expect(containers.find(({ name }) => name === 'a').env).toEqual([{ name: 'y', value: '2' }]);
    });
  });
}
