/** kubectl works against the embedded API server as against a real one, plain and with TLS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAssets } from '../cluster/harness/find-assets.ts';

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'web', image: 'web:1' },
          { name: 'side', image: 'side:1' },
        ],
      },
    },
  },
};

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wg'] },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
};

describe.each([false, true])('kubectl (tls: %s)', (tls) => {
  let server: ApiServer;
  let folder = '';
  let command = '';

  beforeAll(async () => {
    ({ kubectl: command } = await findAssets());
    // kubectl sends a token over TLS only.
    server = await startApiServer(tls ? { tls, tokens: ['sesame'] } : {});
    folder = await mkdtemp(join(tmpdir(), 'firn-kubectl-'));
    await writeFile(join(folder, 'kubeconfig.yaml'), server.kubeconfigYaml, { mode: 0o600 });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const { PATH = '' } = process.env;
    return spawn(command, args, {
      env: { PATH, HOME: folder, KUBECONFIG: join(folder, 'kubeconfig.yaml'), ...env },
    });
  }

  /** Runs kubectl; gives what it printed, warnings and errors included. */
  async function kubectl(
    args: string,
    { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
  ): Promise<string> {
    const child = start(args.split(' '), env);
    child.stdin?.end(input);
    const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
    return `${out}${err}`.trim();
  }

  it('apply creates, changes, keeps what others own, and says when nothing changes', async () => {
    await server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    const apply = (object: object): Promise<string> =>
      kubectl('apply -f -', { input: JSON.stringify(object) });
    expect(await apply(DEPLOYMENT)).toBe('deployment.apps/web created');
    await server.patch({ ...DEPLOYMENT, metadata: { ...DEPLOYMENT.metadata, labels: { own: 'yes' } } });
    const { spec } = DEPLOYMENT;
    const containers = [{ name: 'web', image: 'web:2' }];
    const template = { ...spec.template, spec: { containers } };
    const changed = { ...DEPLOYMENT, spec: { ...spec, replicas: 3, template } };
    expect(await apply(changed)).toBe('deployment.apps/web configured');
    expect(await apply(changed)).toBe('deployment.apps/web unchanged');
    const [stored] = await server.list<typeof DEPLOYMENT>('apps/v1/deployments');
    expect(stored).toMatchObject({
      metadata: { labels: { own: 'yes' } },
      spec: { replicas: 3, template: { spec: { containers } } },
    });
    const serverSide = await kubectl('apply --server-side -f -', { input: JSON.stringify(changed) });
    expect(serverSide).toBe('deployment.apps/web serverside-applied');
  });

  it('apply takes the objects of a List one by one, and says which kind it does not know', async () => {
    const item = (name: string): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'listed' },
    });
    const list = { apiVersion: 'v1', kind: 'List', items: [item('a'), item('b')] };
    expect(await kubectl('apply -f -', { input: JSON.stringify(list) })).toBe(
      'configmap/a created\nconfigmap/b created',
    );
    const unknown = { ...item('c'), kind: 'Frob' };
    expect(await kubectl('apply -f -', { input: JSON.stringify(unknown) })).toMatch(
      /no matches for kind "Frob" in version "v1"/,
    );
  });

  it('get prints tables, names, JSON, and by short names and selectors', async () => {
    expect(await kubectl('get deploy -n shop')).toMatch(/^NAME\s+AGE\nweb\s+\d+s$/);
    expect(await kubectl('get deployments -A -o name')).toBe('deployment.apps/web');
    expect(await kubectl('get deploy -n shop -l own=yes -o jsonpath={.items[*].metadata.name}')).toBe('web');
    expect(await kubectl('get deploy -n shop -l own=no')).toBe('No resources found in shop namespace.');
    expect(await kubectl('get deploy nope -n shop')).toBe(
      'Error from server (NotFound): deployments.apps "nope" not found',
    );
    expect(await kubectl('get frobs')).toBe('error: the server doesn\'t have a resource type "frobs"');
    expect(await kubectl('get all -n shop -o name')).toBe('deployment.apps/web');
  });

  it('edit, patch, label, annotate, scale and set image change it', async () => {
    // Its editor gets the file as the last argument.
    expect(await kubectl('edit deploy web -n shop', { env: { KUBE_EDITOR: 'sed -i s/web:2/web:3/' } })).toBe(
      'deployment.apps/web edited',
    );
    expect(await kubectl('patch deploy web -n shop -p {"spec":{"paused":true}}')).toBe(
      'deployment.apps/web patched',
    );
    expect(await kubectl('label deploy web -n shop tier=front')).toBe('deployment.apps/web labeled');
    expect(await kubectl('annotate deploy web -n shop note=x')).toBe('deployment.apps/web annotated');
    expect(await kubectl('scale deploy web -n shop --replicas 7')).toBe('deployment.apps/web scaled');
    const [stored] = await server.list<typeof DEPLOYMENT>('apps/v1/deployments');
    expect(stored).toMatchObject({
      metadata: { labels: { own: 'yes', tier: 'front' }, annotations: { note: 'x' } },
      spec: { replicas: 7, paused: true, template: { spec: { containers: [{ image: 'web:3' }] } } },
    });
  });

  it('create makes objects by its own commands and from files', async () => {
    expect(await kubectl('create namespace made')).toBe('namespace/made created');
    expect(await kubectl('create configmap cm -n made --from-literal=a=b')).toBe('configmap/cm created');
    expect(await kubectl('create secret generic sec -n made --from-literal=a=b')).toBe('secret/sec created');
    expect(await kubectl('create serviceaccount sa -n made')).toBe('serviceaccount/sa created');
    expect(await kubectl('create service clusterip web -n made --tcp=80:http')).toBe('service/web created');
    expect(await kubectl('create ingress web -n made --rule=a.example.com/*=web:80')).toBe(
      'ingress.networking.k8s.io/web created',
    );
    expect(await kubectl('get ingress web -n made -o jsonpath={.spec.rules[0].host}')).toBe('a.example.com');
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'file-', namespace: 'made' },
    });
    expect(await kubectl('create -f -', { input })).toMatch(/^configmap\/file-\w{5} created$/);
    expect(await kubectl('get configmap cm -n made -o jsonpath={.data.a}')).toBe('b');
    expect(await kubectl('get secret sec -n made -o jsonpath={.type}/{.data.a}')).toBe('Opaque/Yg==');
  });

  it.each<[string, string, Record<string, unknown>]>([
    [
      'deployment cd --image=i --replicas=0 --port=80',
      'apps/v1/deployments',
      { spec: { replicas: 0, template: { spec: { containers: [{ ports: [{ containerPort: 80 }] }] } } } },
    ],
    [
      'job cj --image=i -- sleep 1',
      'batch/v1/jobs',
      { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ command: ['sleep', '1'] }] } } } },
    ],
    [
      'cronjob cc --image=i --schedule=@daily',
      'batch/v1/cronjobs',
      { spec: { schedule: '@daily', jobTemplate: { spec: { template: {} } } } },
    ],
    [
      'role ro --verb=get --resource=pods',
      'rbac.authorization.k8s.io/v1/roles',
      { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
    ],
    [
      'rolebinding rb --role=ro --user=u',
      'rbac.authorization.k8s.io/v1/rolebindings',
      { roleRef: { kind: 'Role', name: 'ro' }, subjects: [{ kind: 'User', name: 'u' }] },
    ],
    [
      'clusterrole cr --verb=get --resource=pods',
      'rbac.authorization.k8s.io/v1/clusterroles',
      { rules: [{ verbs: ['get'] }] },
    ],
    [
      'clusterrolebinding cb --clusterrole=cr --group=g',
      'rbac.authorization.k8s.io/v1/clusterrolebindings',
      { roleRef: { name: 'cr' }, subjects: [{ kind: 'Group', name: 'g' }] },
    ],
    ['quota qu --hard=pods=3', 'v1/resourcequotas', { spec: { hard: { pods: '3' } } }],
    [
      'poddisruptionbudget pd --selector=a=b --min-available=50%',
      'policy/v1/poddisruptionbudgets',
      { spec: { minAvailable: '50%', selector: { matchLabels: { a: 'b' } } } },
    ],
    ['priorityclass pc --value=-5', 'scheduling.k8s.io/v1/priorityclasses', { value: -5 }],
  ])('create %s', async (args, gvr, expected) => {
    expect(await kubectl(`create ${args.replace(' --', ' -n made --')}`)).toMatch(/ created$/);
    const [stored] = await server.list(gvr);
    expect(stored).toMatchObject(expected);
  });

  it('get --sort-by sorts by any field', async () => {
    const pod = (name: string, nodeName: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'sorted' },
      spec: { nodeName },
    });
    await server.create(pod('a', 'node-2'));
    await server.create(pod('b', 'node-1'));
    expect(await kubectl('get pods -n sorted --no-headers --sort-by .spec.nodeName')).toMatch(/^b\s.*\na\s/);
  });

  it.each([
    ['explain pods', /has no schemas/],
    ['auth can-i get pods', /could not find the requested resource.*selfsubjectaccessreviews/],
    ['logs nope', /not found/],
    ['top pods', /Metrics API not available/],
  ])('%s says clearly what is not there', async (args, expected) => {
    expect(await kubectl(args)).toMatch(expected);
  });

  it('get -w follows changes, and wait sees a deletion', async () => {
    const child = start([
      'get',
      'configmaps',
      '-n',
      'made',
      '-w',
      '-o',
      'name',
      '--field-selector',
      'metadata.name=live',
    ]);
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'live', namespace: 'made' } };
    await expect
      .poll(() => server.requests.some((asked) => asked.kind === 'watch'), { timeout: 10_000 })
      .toBe(true);
    await server.create(live);
    await expect.poll(() => seen, { timeout: 10_000 }).toBe('configmap/live\n');
    const waited = kubectl('wait --for=delete configmap/live -n made --timeout=20s');
    await server.delete(live);
    expect(await waited).toMatch(/configmap\/live condition met|not found|^$/);
    child.kill();
    await once(child, 'close');
  });

  it('delete deletes objects, collections and namespaces', async () => {
    expect(await kubectl('delete deploy web -n shop')).toMatch(/^deployment.apps "web" deleted/);
    expect(await kubectl('delete configmaps --all -n made')).toMatch(/"cm" deleted/);
    expect(await kubectl('delete namespace made')).toMatch(/^namespace "made" deleted/);
    expect(await server.list('v1/secrets')).toEqual([]);
  });

  it('works with custom resources', async () => {
    expect(await kubectl('apply -f -', { input: JSON.stringify(DEFINITION) })).toMatch(/created$/);
    expect(await kubectl('wait --for=condition=established crd/widgets.example.com --timeout=10s')).toMatch(
      /condition met$/,
    );
    const widget = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'shop' },
      spec: { size: 1 },
    };
    expect(await kubectl('apply -f -', { input: JSON.stringify(widget) })).toBe(
      'widget.example.com/w created',
    );
    const grown = { ...widget, spec: { size: 2 } };
    expect(await kubectl('apply -f -', { input: JSON.stringify(grown) })).toBe(
      'widget.example.com/w configured',
    );
    expect(await kubectl('get wg -n shop -o jsonpath={.items[0].spec.size}')).toBe('2');
  });
});
