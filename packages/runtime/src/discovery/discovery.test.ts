import type { ConfigError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../logger.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import type { Transport, TransportRequest } from '../transport/transport.ts';
import { createDiscovery } from './create-discovery.ts';

type Documents = Record<string, unknown>;

interface FakeServer {
  readonly transport: Transport;
  readonly asked: string[];
  readonly accepts: Set<string | undefined>;
}

/** A transport that answers with these documents; a number is a status code. */
function serving(documents: Documents): FakeServer {
  const asked: string[] = [];
  const accepts = new Set<string | undefined>();
  const request = async ({ path, accept }: TransportRequest) => {
    asked.push(path);
    accepts.add(accept);
    const document = documents[path] ?? 404;
    const status = typeof document === 'number' ? document : 200;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
    }
    return { status, headers: {}, body: body() };
  };
  const transport: Transport = {
    request,
    refreshCredentials: async () => undefined,
    close: async () => undefined,
  };
  return { transport, asked, accepts };
}

interface Described {
  kind: string;
  short?: string[];
  cluster?: boolean;
}

function aggregated(groups: [string, [string, Record<string, Described>, string?][]][]) {
  const items = groups.map(([name, versions]) => ({
    metadata: { name },
    versions: versions.map(([version, resources, freshness = 'Current']) => ({
      version,
      freshness,
      resources: Object.entries(resources).map(([resource, { kind, short, cluster }]) => ({
        resource,
        responseKind: { group: name, version, kind },
        scope: cluster ? 'Cluster' : 'Namespaced',
        singularResource: kind.toLowerCase(),
        verbs: ['get', 'list', 'watch'],
        shortNames: short,
        subresources: [{ subresource: 'status' }],
      })),
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
}

const DOCUMENTS: Documents = {
  '/api': aggregated([
    [
      '',
      [
        [
          'v1',
          {
            pods: { kind: 'Pod', short: ['po'] },
            secrets: { kind: 'Secret' },
            nodes: { kind: 'Node', short: ['no'], cluster: true },
            events: { kind: 'Event', short: ['ev'] },
          },
        ],
      ],
    ],
  ]),
  '/apis': aggregated([
    ['apps', [['v1', { deployments: { kind: 'Deployment', short: ['deploy'] } }]]],
    ['events.k8s.io', [['v1', { events: { kind: 'Event', short: ['ev'] } }]]],
    [
      'networking.k8s.io',
      [
        ['v1', { ingresses: { kind: 'Ingress', short: ['ing'] } }],
        ['v1beta1', { ingresses: { kind: 'Ingress', short: ['ing'] } }],
      ],
    ],
    [
      'metrics.k8s.io',
      [['v1beta1', { pods: { kind: 'PodMetrics' }, nodes: { kind: 'NodeMetrics', cluster: true } }]],
    ],
    [
      'shop.example',
      [
        ['v1', { po: { kind: 'PurchaseOrder' } }],
        ['v1alpha1', {}, 'Stale'],
      ],
    ],
  ]),
};

/** The same server as one from before aggregated discovery. */
const OLD: Documents = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {
        name: 'networking.k8s.io',
        versions: [{ version: 'v1beta1' }, { version: 'v1' }],
        preferredVersion: { version: 'v1' },
      },
      { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    resources: [
      {
        name: 'nodes',
        singularName: 'node',
        namespaced: false,
        kind: 'Node',
        verbs: ['list'],
        shortNames: ['no'],
      },
      { name: 'nodes/status', namespaced: false, kind: 'Node', verbs: ['get'] },
    ],
  },
  ...Object.fromEntries(
    ['v1', 'v1beta1'].map((version) => [
      `/apis/networking.k8s.io/${version}`,
      {
        kind: 'APIResourceList',
        resources: [
          { name: 'ingresses', singularName: '', namespaced: true, kind: 'Ingress', shortNames: ['ing'] },
        ],
      },
    ]),
  ),
  '/apis/metrics.k8s.io/v1beta1': 503,
};

async function resolved(name: string, documents = DOCUMENTS): Promise<string> {
  const { gvr } = await createDiscovery(serving(documents).transport).resolve(name);
  return `${gvr.group}/${gvr.version}/${gvr.resource}`;
}

function failure(promise: Promise<unknown>): Promise<ConfigError> {
  return promise.then(
    () => {
      throw new Error('it was resolved');
    },
    (error) => error,
  );
}

describe('resolve', () => {
  it.each([
    ['v1/secrets', '/v1/secrets'],
    ['networking.k8s.io/v1/ingresses', 'networking.k8s.io/v1/ingresses'],
    ['networking.k8s.io/v1beta1/ingresses', 'networking.k8s.io/v1beta1/ingresses'],
    ['ingresses', 'networking.k8s.io/v1/ingresses'],
    ['ing', 'networking.k8s.io/v1/ingresses'],
    ['Ingress', 'networking.k8s.io/v1/ingresses'],
    [' INGRESSES ', 'networking.k8s.io/v1/ingresses'],
    ['ingresses.networking.k8s.io', 'networking.k8s.io/v1/ingresses'],
    ['ingresses.v1beta1.networking.k8s.io', 'networking.k8s.io/v1beta1/ingresses'],
    ['ing.networking', 'networking.k8s.io/v1/ingresses'],
    ['deployments.v1.apps', 'apps/v1/deployments'],
    ['deploy.apps', 'apps/v1/deployments'],
    ['secrets.v1', '/v1/secrets'],
    ['secrets.v1.', '/v1/secrets'],
  ])('%s is %s', async (name, gvr) => {
    expect(await resolved(name)).toBe(gvr);
  });

  it('decides for core, then for the order of the server', async () => {
    expect(await resolved('pods')).toBe('/v1/pods');
    expect(await resolved('events')).toBe('/v1/events');
    expect(await resolved('ev')).toBe('/v1/events');
    expect(await resolved('events.events.k8s.io')).toBe('events.k8s.io/v1/events');
    expect(await resolved('pods.metrics.k8s.io')).toBe('metrics.k8s.io/v1beta1/pods');
  });

  it('decides for a plural over the short name of another type', async () => {
    expect(await resolved('po')).toBe('shop.example/v1/po');
  });

  it('tells kind, scope, verbs and names', async () => {
    expect(await createDiscovery(serving(DOCUMENTS).transport).resolve('no')).toEqual({
      gvr: { group: '', version: 'v1', resource: 'nodes' },
      kind: 'Node',
      namespaced: false,
      verbs: ['get', 'list', 'watch'],
      shortNames: ['no'],
      singular: 'node',
    });
  });

  it.each([
    ['ingreses', 'networking.k8s.io/v1/ingresses'],
    ['v1/secret-s', 'v1/secrets'],
    ['networking.k8s.io/v2/ingresses', 'networking.k8s.io/v1/ingresses'],
    ['depoyment', 'apps/v1/deployments'],
  ])('an unknown %s suggests %s', async (name, suggestion) => {
    const error = await failure(createDiscovery(serving(DOCUMENTS).transport).resolve(name));
    expect(error).toMatchObject({ code: 'UNKNOWN_RESOURCE', suggestion });
    expect(error.message).toContain(suggestion);
  });

  it('says what the server could not tell when a name is unknown', async () => {
    const error = await failure(createDiscovery(serving(DOCUMENTS).transport).resolve('zzz\u001b'));
    expect(error.message).toContain('shop.example/v1alpha1');
    expect(error.message).not.toContain('\u001b');
    expect(error.suggestion).toBeUndefined();
  });
});

describe('requests of discovery', () => {
  it('rule 26: are two where the server aggregates, with the Accept for it', async () => {
    const server = serving(DOCUMENTS);
    const discovery = createDiscovery(server.transport);
    await Promise.all(['pods', 'ing', 'deploy'].map((name) => discovery.resolve(name)));
    expect(server.asked).toEqual(['/api', '/apis']);
    const [accept] = server.accepts;
    expect(accept?.split(',')[0]).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
  });

  it('rule 26: go group by group where it does not, and one group that fails is logged and left out', async () => {
    const server = serving(OLD);
    const warned: { groupVersion?: string }[] = [];
    const logger = { warn: (fields: object) => warned.push(fields) } as unknown as Logger;
    const discovery = createDiscovery(server.transport, { logger });
    expect((await discovery.resolve('ing')).gvr.version).toBe('v1');
    expect(await discovery.resolve('nodes')).toMatchObject({ namespaced: false, singular: 'node' });
    expect(warned.map(({ groupVersion }) => groupVersion)).toEqual(['metrics.k8s.io/v1beta1']);
    expect((await failure(discovery.resolve('zzz'))).message).toContain('metrics.k8s.io/v1beta1');
  });

  it('are made anew once for a name that is missing: its CRD may have come', async () => {
    const documents = { ...DOCUMENTS };
    const server = serving(documents);
    const discovery = createDiscovery(server.transport);
    await discovery.resolve('pods');
    documents['/apis'] = aggregated([['shop.example', [['v1', { carts: { kind: 'Cart' } }]]]]);
    expect((await discovery.resolve('carts')).kind).toBe('Cart');
    expect(server.asked).toHaveLength(4);
    await failure(discovery.resolve('wheels'));
    expect(server.asked).toHaveLength(6);
  });

  it('are shared by all who miss at once', async () => {
    const server = serving(DOCUMENTS);
    const discovery = createDiscovery(server.transport);
    await discovery.resolve('pods');
    await Promise.all(Array.from({ length: 10 }, (_, index) => failure(discovery.resolve(`x${index}`))));
    expect(server.asked).toHaveLength(4);
  });

  it('are made anew after the time to live', async () => {
    const server = serving(DOCUMENTS);
    const clock = createManualClock();
    const discovery = createDiscovery(server.transport, { clock, ttl: 1000 });
    await discovery.resolve('pods');
    await clock.advance(999);
    await discovery.resolve('pods');
    expect(server.asked).toHaveLength(2);
    await clock.advance(1);
    await discovery.resolve('pods');
    expect(server.asked).toHaveLength(4);
  });

  it.each([
    ['a refusal', { '/api': 403, '/apis': 403 }, { code: 'DISCOVERY_FAILED', status: 403, retryable: false }],
    [
      'a server in trouble',
      { '/api': 503, '/apis': 503 },
      { code: 'DISCOVERY_FAILED', status: 503, retryable: true },
    ],
    ['an HTML page', { '/api': '<html>', '/apis': '<html>' }, { code: 'MALFORMED_JSON' }],
    ['something else', { '/api': { kind: 'Pod' }, '/apis': [] }, { code: 'DISCOVERY_FAILED' }],
    ['deep nesting', { '/api': '['.repeat(5000), '/apis': 404 }, { code: 'DISCOVERY_FAILED' }],
  ])('fail with %s, and are tried again by the next name', async (_what, documents, error) => {
    const broken: Documents = { ...documents };
    const discovery = createDiscovery(serving(broken).transport);
    expect(await failure(discovery.resolve('pods'))).toMatchObject(error);
    Object.assign(broken, DOCUMENTS);
    expect((await discovery.resolve('pods')).kind).toBe('Pod');
  });

  it('leave out what is malformed within a document', async () => {
    const document = {
      kind: 'APIGroupDiscoveryList',
      items: [
        null,
        {
          versions: [
            {
              version: 'v1',
              resources: [
                5,
                { resource: 'x' },
                { resource: 'pods', responseKind: { kind: 'Pod' }, verbs: 7, shortNames: [1, 'po'] },
              ],
            },
          ],
        },
      ],
    };
    const found = await createDiscovery(serving({ '/api': document, '/apis': 404 }).transport).resolve('po');
    expect(found).toMatchObject({
      kind: 'Pod',
      namespaced: false,
      verbs: [],
      shortNames: ['po'],
      singular: '',
    });
  });
});
