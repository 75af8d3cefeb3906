/** What a server tells of its resource types, paths it does not know, and custom resources. */
import { describe, expect, it } from 'vitest';
import { type ApiClient, eventsOf, type Json, namesOf } from './api-client.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const NAMES = { plural: 'widgets', kind: 'Widget', singular: 'widget', shortNames: ['wg'] };

function definition(group: string): Json {
  const version = (name: string, storage: boolean): Json => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    subresources: { status: {} },
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { ...NAMES, listKind: 'WidgetList' },
      versions: [version('v1', true), version('v1beta1', false)],
    },
  };
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function define(client: ApiClient, group: string): Promise<void> {
  const { status } = await client.post(DEFINITIONS, definition(group));
  expect(status).toBe(201);
  // A real server begins to serve a type a moment after its definition.
  await expect
    .poll(async () => (await client.get(`/apis/${group}/v1/widgets`)).status, { timeout: 15_000 })
    .toBe(200);
}

/** Describes discovery and resource types. */
export function describeResourceTypes(client: () => ApiClient): void {
  describe('discovery', () => {
    it('names the resources of a version with scope, kind and short names', async () => {
      const core = await client().get('/api/v1');
      expect(core.body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
      const find = (name: string): Json =>
        core.body.resources.find((resource: Json) => resource.name === name);
      expect(find('pods')).toMatchObject({
        kind: 'Pod',
        namespaced: true,
        singularName: 'pod',
        shortNames: ['po'],
        categories: ['all'],
      });
      expect(find('pods').verbs).toEqual(
        expect.arrayContaining(['get', 'list', 'watch', 'create', 'delete']),
      );
      expect(find('nodes')).toMatchObject({ kind: 'Node', namespaced: false });
      expect(find('pods/status')).toMatchObject({ kind: 'Pod' });
    });

    it('names groups and versions', async () => {
      expect((await client().get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const { body } = await client().get('/apis');
      expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
      const apps = body.groups.find((group: Json) => group.name === 'apps');
      expect(apps).toMatchObject({ preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } });
      expect((await client().get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', name: 'apps' });
    });

    it.each(['/api', '/apis'])('%s comes aggregated where that is asked for', async (path) => {
      const { body, contentType } = await client().get(path, { accept: `${AGGREGATED},application/json` });
      expect(contentType.replaceAll(' ', '')).toBe(AGGREGATED);
      expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
      const wanted = path === '/api' ? '' : 'networking.k8s.io';
      const group = body.items.find((item: Json) => (item.metadata.name ?? '') === wanted);
      const resource = group.versions[0].resources.find((entry: Json) =>
        ['pods', 'ingresses'].includes(entry.resource),
      );
      expect(resource).toMatchObject({
        scope: 'Namespaced',
        responseKind: { kind: expect.any(String) },
        verbs: expect.arrayContaining(['list', 'watch']),
      });
    });

    it('answers version and health', async () => {
      expect((await client().get('/version')).body).toMatchObject({
        major: '1',
        gitVersion: expect.stringMatching(/^v1\./),
      });
      const ready = await client().get('/readyz');
      expect([ready.status, ready.body]).toEqual([200, 'ok']);
    });
  });

  describe('what is not there', () => {
    it.each([
      '/api/v1/nope',
      '/api/v1/namespaces/default/configmaps/x/status',
      '/api/v1/pods/x',
      '/api/v1/namespaces/default/nodes',
      '/apis/apps/v7',
      '/apis/apps/v1/nope',
      '/api/v2',
    ])('%s is a Status of 404', async (path) => {
      const { status, body } = await client().get(path);
      expect([status, body.kind, body.reason]).toEqual([404, 'Status', 'NotFound']);
    });

    it.each(['/apis/nope', '/apis/nope.example.com/v1/things', '/nope'])(
      '%s is a 404 in plain text',
      async (path) => {
        const { status, body, contentType } = await client().get(path);
        expect([status, body.trim()]).toEqual([404, '404 page not found']);
        expect(contentType).toMatch(/^text\/plain/);
      },
    );

    it('one object that is not there is named', async () => {
      const { path } = await client().namespace();
      const { status, body } = await client().get(`${path}/configmaps/nope`);
      expect([status, body.message]).toEqual([404, 'configmaps "nope" not found']);
      expect(body.details).toEqual({ name: 'nope', kind: 'configmaps' });
    });

    it.each([
      ['POST', '/api/v1/configmaps'],
      ['POST', '/api/v1/namespaces/default/configmaps/a'],
      ['PUT', '/api/v1/namespaces/default/configmaps'],
      ['PATCH', '/api/v1/namespaces/default/configmaps'],
      ['DELETE', '/api/v1/namespaces'],
      ['POST', '/apis/apps/v1/namespaces/default/deployments/a/status'],
      ['DELETE', '/apis/apps/v1/namespaces/default/deployments/a/status'],
      ['DELETE', '/apis/apps/v1/namespaces/default/deployments/a/scale'],
    ])('%s %s is answered with 405', async (method, path) => {
      const answer = await client().request(method, path, { body: { metadata: { name: 'a' } } });
      expect([answer.status, answer.body.reason]).toEqual([405, 'MethodNotAllowed']);
    });

    it('JSON must be acceptable', async () => {
      const { status, body } = await client().get('/api/v1/configmaps', { accept: 'text/html' });
      expect([status, body.reason]).toEqual([406, 'NotAcceptable']);
    });
  });

  describe('custom resources', () => {
    it('are offered in their most stable version first, whatever their definition names first', async () => {
      const group = 'order.contract.example.com';
      const defined = definition(group);
      defined.spec.versions = ['v1alpha1', 'v1beta1', 'v1', 'v2beta2', 'v2'].map((name) => ({
        ...defined.spec.versions[0],
        name,
        storage: name === 'v1',
      }));
      expect((await client().post(DEFINITIONS, defined)).status).toBe(201);
      const versions = async (): Promise<string[]> =>
        (await client().get(`/apis/${group}`)).body.versions?.map(({ version }: Json) => version);
      await expect
        .poll(versions, { timeout: 15_000 })
        .toEqual(['v2', 'v1', 'v2beta2', 'v1beta1', 'v1alpha1']);
      const { body } = await client().get(`/apis/${group}`);
      expect(body.preferredVersion.version).toBe('v2');
    });

    it('are served once they are defined, in every version, with apiVersion and kind in lists', async () => {
      const group = 'one.contract.example.com';
      await define(client(), group);
      const { name: namespace } = await client().namespace();
      const path = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
      const created = await client().post(path, {
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { size: 1 },
      });
      expect([created.status, created.body.metadata.generation]).toEqual([201, 1]);
      const listed = await client().get(path);
      expect(listed.body).toMatchObject({ kind: 'WidgetList', apiVersion: `${group}/v1` });
      expect(listed.body.items).toMatchObject([
        { apiVersion: `${group}/v1`, kind: 'Widget', spec: { size: 1 } },
      ]);
      const beta = await client().get(path.replace('/v1/', '/v1beta1/'));
      expect(beta.body.items).toMatchObject([
        { apiVersion: `${group}/v1beta1`, kind: 'Widget', metadata: { name: 'w' } },
      ]);
      const found = await client().get(`/apis/${group}/v1`);
      expect(found.body.resources[0]).toMatchObject({
        name: 'widgets',
        kind: 'Widget',
        shortNames: ['wg'],
        namespaced: true,
      });
    });

    it('belong to no namespace where their definition says so, and are selected by the fields that it names', async () => {
      const group = 'four.contract.example.com';
      const defined = definition(group);
      const properties = { spec: { type: 'object', properties: { color: { type: 'string' } } } };
      const [version] = defined.spec.versions;
      defined.spec.scope = 'Cluster';
      defined.spec.versions = [
        {
          ...version,
          schema: { openAPIV3Schema: { type: 'object', properties } },
          selectableFields: [{ jsonPath: '.spec.color' }],
        },
        { ...version, name: 'v2', storage: false, served: false },
      ];
      expect((await client().post(DEFINITIONS, defined)).status).toBe(201);
      const path = `/apis/${group}/v1/widgets`;
      await expect.poll(async () => (await client().get(path)).status, { timeout: 15_000 }).toBe(200);
      for (const color of ['red', 'blue']) {
        const { status } = await client().post(path, {
          apiVersion: `${group}/v1`,
          kind: 'Widget',
          metadata: { name: color },
          spec: { color },
        });
        expect(status).toBe(201);
      }
      const select = (selector: string): Promise<Json> =>
        client().get(`${path}?fieldSelector=${encodeURIComponent(selector)}`);
      expect(namesOf((await select('spec.color=blue')).body)).toEqual(['blue']);
      expect(namesOf((await select('metadata.name=red')).body)).toEqual(['red']);
      expect((await select('spec.size=1')).status).toBe(400);
      expect((await client().get(path.replace('/v1/', '/v2/'))).status).toBe(404);
      expect((await client().get(path.replace('/widgets', '/namespaces/default/widgets'))).status).toBe(404);
    });

    it('need a version for an update, take no strategic merge patch, and count generations', async () => {
      const group = 'two.contract.example.com';
      await define(client(), group);
      const { name: namespace } = await client().namespace();
      const path = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
      const object = {
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { size: 1 },
      };
      const created = await client().post(path, { ...object, status: { ready: true } });
      expect(created.body.status).toBeUndefined();
      const put = await client().put(`${path}/w`, object);
      expect([put.status, put.body.reason]).toEqual([422, 'Invalid']);
      const strategic = await client().patch(`${path}/w`, 'strategic-merge-patch', {});
      expect(strategic.status).toBe(415);
      const grown = await client().patch(`${path}/w`, 'merge-patch', { spec: { size: 2 } });
      expect(grown.body.metadata.generation).toBe(2);
      const status = await client().patch(`${path}/w/status`, 'merge-patch', {
        status: { ready: true },
        spec: { size: 3 },
      });
      expect(status.body).toMatchObject({
        metadata: { generation: 2 },
        spec: { size: 2 },
        status: { ready: true },
      });
    });

    it('rule 15: a definition that goes takes its objects along, then the path is 404', async () => {
      const group = 'three.contract.example.com';
      await define(client(), group);
      const { name: namespace } = await client().namespace();
      const path = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
      await client().post(path, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w' } });
      expect(namesOf((await client().get(path)).body)).toEqual(['w']);
      const watch = await client().watch(`${path}?watch=1`);
      await client().delete(`${DEFINITIONS}/widgets.${group}`);
      expect(eventsOf(await watch.take(2))).toEqual(['ADDED w', 'DELETED w']);
      watch.close();
      await expect.poll(async () => (await client().get(path)).status, { timeout: 15_000 }).toBe(404);
    });
  });
}
