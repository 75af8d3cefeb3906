/** What writes promise: checks, versions, deletion. */
import { describe, expect, it } from 'vitest';
import { type Answer, type ApiClient, eventsOf, type Json, namesOf } from './api-client.ts';
import { failure } from './failure.ts';

/** Describes writes. */
export function describeWrites(client: () => ApiClient): void {
  describe('create', () => {
    it('fills in uid, version and time, and answers 201', async () => {
      const { path, name: namespace } = await client().namespace();
      const { status, body } = await client().post(`${path}/secrets`, {
        metadata: { name: 'a' },
        stringData: { k: 'v' },
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({ kind: 'Secret', apiVersion: 'v1', type: 'Opaque', data: { k: 'dg==' } });
      expect(body.metadata).toMatchObject({
        name: 'a',
        namespace,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.any(String),
      });
      expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });

    it('takes null in metadata as left out', async () => {
      const { path } = await client().namespace();
      const metadata = { name: 'a', labels: null, finalizers: null };
      const { status, body } = await client().post(`${path}/configmaps`, { metadata });
      expect([status, body.metadata.labels, body.metadata.finalizers]).toEqual([201, undefined, undefined]);
    });

    it('makes a name from generateName', async () => {
      const { path } = await client().namespace();
      const { body } = await client().post(`${path}/configmaps`, { metadata: { generateName: 'gen-' } });
      expect(body.metadata).toMatchObject({
        name: expect.stringMatching(/^gen-[a-z0-9]{5}$/),
        generateName: 'gen-',
      });
      const long = await client().post(`${path}/configmaps`, { metadata: { generateName: 'x'.repeat(70) } });
      expect(long.body.metadata.name).toMatch(/^x{58}[a-z0-9]{5}$/);
    });

    it.each<[string, Json, number, string]>([
      ['no name', { metadata: {} }, 422, 'Invalid'],
      ['a name that is none', { metadata: { name: 'A_b' } }, 422, 'Invalid'],
      ['a label key that is none', { metadata: { name: 'x', labels: { 'a b': 'c' } } }, 422, 'Invalid'],
      ['a label value that is none', { metadata: { name: 'x', labels: { a: 'c d' } } }, 422, 'Invalid'],
      ['a finalizer without a domain', { metadata: { name: 'x', finalizers: ['hold'] } }, 422, 'Invalid'],
      [
        'an annotation key that is none',
        { metadata: { name: 'x', annotations: { 'a b': 'c' } } },
        422,
        'Invalid',
      ],
      [
        'a label key that is too long',
        { metadata: { name: 'x', labels: { ['a'.repeat(64)]: 'b' } } },
        422,
        'Invalid',
      ],
      ['another namespace', { metadata: { name: 'x', namespace: 'other' } }, 400, 'BadRequest'],
      ['another kind', { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' } }, 400, 'BadRequest'],
      [
        'another version',
        { kind: 'ConfigMap', apiVersion: 'v2', metadata: { name: 'x' } },
        400,
        'BadRequest',
      ],
      ['broken JSON', '{broken', 400, 'BadRequest'],
      ['a name that is no text', { metadata: { name: 5 } }, 400, 'BadRequest'],
      ['labels that are no map', { metadata: { name: 'x', labels: 'a' } }, 400, 'BadRequest'],
      ['a label that is no text', { metadata: { name: 'x', labels: { a: 1 } } }, 400, 'BadRequest'],
      [
        'an annotation that is no text',
        { metadata: { name: 'x', annotations: { a: 1 } } },
        400,
        'BadRequest',
      ],
      ['finalizers that are no list', { metadata: { name: 'x', finalizers: 'a' } }, 400, 'BadRequest'],
      ['an array', [], 400, 'BadRequest'],
    ])('refuses %s', async (_, body, status, reason) => {
      const { path } = await client().namespace();
      expect(failure(await client().post(`${path}/configmaps`, body))).toEqual([status, reason, status]);
    });

    it('refuses what is there already, and formats it does not know', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const again = await client().post(`${path}/configmaps`, { metadata: { name: 'a' } });
      expect(failure(again)).toEqual([409, 'AlreadyExists', 409]);
      expect(again.body.details).toEqual({ name: 'a', kind: 'configmaps' });
      const text = await client().post(`${path}/configmaps`, 'a: b', { contentType: 'text/foo' });
      expect(failure(text)).toEqual([415, 'UnsupportedMediaType', 415]);
    });

    it.each(['a.b', 'n'.repeat(64)])('a namespace is not called %s', async (name) => {
      expect(failure(await client().post('/api/v1/namespaces', { metadata: { name } }))).toEqual([
        422,
        'Invalid',
        422,
      ]);
    });

    it.each<[string, Json, number | undefined]>([
      ['/api/v1', { kind: 'services', spec: { ports: [{ port: 80 }] } }, undefined],
      ['/api/v1', { kind: 'configmaps' }, undefined],
      ['/api/v1', { kind: 'resourcequotas', spec: { hard: { pods: '1' } } }, undefined],
      ['/apis/networking.k8s.io/v1', { kind: 'networkpolicies', spec: { podSelector: {} } }, 1],
      ['/apis/discovery.k8s.io/v1', { kind: 'endpointslices', addressType: 'IPv4', endpoints: [] }, 1],
    ])('counts generations where the type has them: %s %o', async (root, { kind, ...rest }, expected) => {
      const { name: namespace } = await client().namespace();
      const path = `${root}/namespaces/${namespace}/${kind}`;
      const { status, body } = await client().post(path, { metadata: { name: 'g' }, ...rest });
      expect([status, body.metadata.generation]).toEqual([201, expected]);
    });

    it('only tries with dryRun', async () => {
      const { path } = await client().namespace();
      const tried = await client().post(`${path}/configmaps?dryRun=All`, { metadata: { name: 'a' } });
      expect([tried.status, tried.body.metadata.name, tried.body.metadata.resourceVersion]).toEqual([
        201,
        'a',
        undefined,
      ]);
      expect((await client().get(`${path}/configmaps/a`)).status).toBe(404);
      const wrong = await client().post(`${path}/configmaps?dryRun=Some`, { metadata: { name: 'a' } });
      expect(failure(wrong)).toEqual([422, 'Invalid', 422]);
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
      const applied = await client().apply(`${path}/configmaps/a?fieldManager=me&dryRun=All`, object);
      expect([applied.status, applied.body.metadata.resourceVersion]).toEqual([201, undefined]);
      expect((await client().get(`${path}/configmaps/a`)).status).toBe(404);
    });
  });

  describe('update', () => {
    it('refuses one that was made from an older version', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const { body: read } = await client().get(`${path}/configmaps/a`);
      const first = await client().put(`${path}/configmaps/a`, { ...read, data: { n: '1' } });
      expect(first.status).toBe(200);
      expect(first.body.metadata.uid).toBe(read.metadata.uid);
      const second = await client().put(`${path}/configmaps/a`, { ...read, data: { n: '2' } });
      expect(failure(second)).toEqual([409, 'Conflict', 409]);
      const unconditional = await client().put(`${path}/configmaps/a`, {
        metadata: { name: 'a' },
        data: { n: '3' },
      });
      expect([unconditional.status, unconditional.body.data]).toEqual([200, { n: '3' }]);
    });

    it.each<[string, string, Json, number, string]>([
      ['what is not there', 'nope', { metadata: { name: 'nope' } }, 404, 'NotFound'],
      ['another name', 'a', { metadata: { name: 'b' } }, 400, 'BadRequest'],
      ['no name', 'a', { metadata: {} }, 400, 'BadRequest'],
      ['another uid', 'a', { metadata: { name: 'a', uid: '123' } }, 409, 'Conflict'],
    ])('refuses %s', async (_, name, body, status, reason) => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      expect(failure(await client().put(`${path}/configmaps/${name}`, body))).toEqual([
        status,
        reason,
        status,
      ]);
    });

    it('spec and status are written apart', async () => {
      const { path } = await client().namespace();
      const spec = { selector: { a: 'b' }, ports: [{ port: 80 }], type: 'LoadBalancer' };
      const status = { loadBalancer: { ingress: [{ ip: '10.1.2.3' }] } };
      const created = await client().post(`${path}/services`, { metadata: { name: 's' }, spec, status });
      expect(created.body.status?.loadBalancer ?? {}).toEqual({});
      const written = await client().patch(`${path}/services/s/status`, 'merge-patch', {
        status,
        spec: { selector: { a: 'c' } },
      });
      expect(written.status).toBe(200);
      expect(written.body.status.loadBalancer.ingress).toMatchObject([{ ip: '10.1.2.3' }]);
      expect(written.body.spec.selector).toEqual({ a: 'b' });
      const patched = await client().patch(`${path}/services/s`, 'merge-patch', {
        status: { loadBalancer: { ingress: [] } },
        spec: { selector: { a: 'd' } },
      });
      expect(patched.body.spec.selector).toEqual({ a: 'd' });
      expect(patched.body.status.loadBalancer.ingress).toMatchObject([{ ip: '10.1.2.3' }]);
    });
  });

  describe('delete', () => {
    it('answers with what it did, and 404 the second time', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const { body: read } = await client().get(`${path}/configmaps/a`);
      const uid = await client().delete(`${path}/configmaps/a`, { preconditions: { uid: 'other' } });
      expect(failure(uid)).toEqual([409, 'Conflict', 409]);
      const tried = await client().delete(`${path}/configmaps/a?dryRun=All`);
      expect([tried.status, tried.body.status]).toEqual([200, 'Success']);
      const unknown = await client().delete(`${path}/configmaps/a`, { propagationPolicy: 'Some' });
      expect(failure(unknown)).toEqual([422, 'Invalid', 422]);
      const done = await client().delete(`${path}/configmaps/a`);
      expect([done.status, done.body.status]).toEqual([200, 'Success']);
      expect(done.body.details).toEqual({ name: 'a', kind: 'configmaps', uid: read.metadata.uid });
      expect(failure(await client().delete(`${path}/configmaps/a`))).toEqual([404, 'NotFound', 404]);
    });

    it('reads its options from protobuf, as typed clients of Go send them', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const send = (options: string): Promise<Answer> =>
        client().request('DELETE', `${path}/configmaps/a`, {
          body: Buffer.from(options, 'base64'),
          contentType: 'application/vnd.kubernetes.protobuf',
        });
      const uidIsOther = 'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxITEgUKA3UtMSIKQmFja2dyb3VuZBoAIgA=';
      expect(failure(await send(uidIsOther))).toEqual([409, 'Conflict', 409]);
      const nothing = 'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxIAGgAiAA==';
      const done = await send(nothing);
      expect([done.status, done.body.status]).toEqual([200, 'Success']);
    });

    it('waits for finalizers, and shows that it does', async () => {
      const { path } = await client().namespace();
      const { body } = await client().post(`${path}/configmaps`, {
        metadata: { name: 'a', finalizers: ['example.com/hold'] },
      });
      const watch = await client().watch(
        `${path}/configmaps?watch=1&resourceVersion=${body.metadata.resourceVersion}`,
      );
      const asked = await client().delete(`${path}/configmaps/a`);
      expect(asked.status).toBe(200);
      expect(asked.body.metadata).toMatchObject({
        name: 'a',
        deletionTimestamp: expect.any(String),
        deletionGracePeriodSeconds: 0,
      });
      const again = await client().delete(`${path}/configmaps/a`);
      expect(again.body.metadata.resourceVersion).toBe(asked.body.metadata.resourceVersion);
      const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
      const refused = await client().patch(`${path}/configmaps/a`, 'merge-patch', more);
      expect(failure(refused)).toEqual([422, 'Invalid', 422]);
      expect(refused.body.details.causes).toMatchObject([
        { reason: 'FieldValueForbidden', field: 'metadata.finalizers' },
      ]);
      await client().patch(`${path}/configmaps/a`, 'merge-patch', { metadata: { finalizers: null } });
      const events = await watch.take(2);
      watch.close();
      expect(eventsOf(events)).toEqual(['MODIFIED a', 'DELETED a']);
      // The state before the write that took the last finalizer away.
      expect(events[1].object.metadata.finalizers).toEqual(['example.com/hold']);
      expect((await client().get(`${path}/configmaps/a`)).status).toBe(404);
    });

    it('deletes a collection by selector', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a', 'b'], { go: 'yes' });
      await client().configMaps(path, ['c']);
      const { status, body } = await client().delete(`${path}/configmaps?labelSelector=go%3Dyes`);
      expect([status, body.kind, namesOf(body)]).toEqual([200, 'ConfigMapList', ['a', 'b']]);
      expect(namesOf((await client().get(`${path}/configmaps`)).body)).toEqual(['c']);
    });

    it('rule 20: what is made anew under the same name has another uid', async () => {
      const { path } = await client().namespace();
      await client().configMaps(path, ['a']);
      const before = await client().get(`${path}/configmaps/a`);
      await client().delete(`${path}/configmaps/a`);
      await client().configMaps(path, ['a']);
      const after = await client().get(`${path}/configmaps/a`);
      expect(after.body.metadata.uid).not.toBe(before.body.metadata.uid);
    });
  });
}
