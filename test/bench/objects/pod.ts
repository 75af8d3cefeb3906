/** Owns the pods of the benchmark: 8 to 10 KB, of which managedFields are a good third, as real clusters have them. */
import { namespaceOf, type Slots } from './slots.ts';

const STARTED = '2026-05-04T08:15:30Z';
const CONTAINERS = ['web', 'proxy', 'metrics'];

function environment(): object[] {
  return Array.from({ length: 12 }, (_, i) => ({
    name: `SHOP_SETTING_${i}`,
    value: `value-of-setting-${i}`,
  }));
}

function probe(path: string, seconds: number): object {
  return {
    failureThreshold: 3,
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    initialDelaySeconds: seconds,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
  };
}

function container(name: string): object {
  return {
    name,
    image: `registry.example.com/shop/${name}:2026.5.4`,
    imagePullPolicy: 'IfNotPresent',
    env: environment(),
    livenessProbe: probe('/healthz', 15),
    readinessProbe: probe('/readyz', 5),
    ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { mountPath: '/etc/shop', name: 'config', readOnly: true },
      { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: 'kube-api-access', readOnly: true },
    ],
  };
}

function containerFields(name: string): object {
  const env = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `k:{"name":"SHOP_SETTING_${i}"}`,
      { '.': {}, 'f:name': {}, 'f:value': {} },
    ]),
  );
  return {
    [`k:{"name":"${name}"}`]: {
      '.': {},
      'f:env': { '.': {}, ...env },
      'f:image': {},
      'f:imagePullPolicy': {},
      'f:livenessProbe': {
        '.': {},
        'f:failureThreshold': {},
        'f:httpGet': { '.': {}, 'f:path': {}, 'f:port': {} },
      },
      'f:name': {},
      'f:ports': { '.': {}, 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:memory': {} } },
    },
  };
}

function managedFields(): object[] {
  const common = { apiVersion: 'v1', fieldsType: 'FieldsV1', operation: 'Update', time: STARTED };
  const spec = Object.assign({}, ...CONTAINERS.map(containerFields));
  const condition = {
    '.': {},
    'f:lastProbeTime': {},
    'f:lastTransitionTime': {},
    'f:status': {},
    'f:type': {},
  };
  const conditions = Object.fromEntries(
    ['ContainersReady', 'Initialized', 'Ready', 'PodReadyToStartContainers'].map((type) => [
      `k:{"type":"${type}"}`,
      condition,
    ]),
  );
  return [
    { ...common, manager: 'kube-controller-manager', fieldsV1: { 'f:spec': { 'f:containers': spec } } },
    {
      ...common,
      manager: 'kubelet',
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:conditions': conditions, 'f:hostIP': {}, 'f:phase': {}, 'f:podIP': {} } },
    },
  ];
}

function status(name: string): object {
  return {
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      lastProbeTime: null,
      lastTransitionTime: STARTED,
      status: 'True',
      type,
    })),
    containerStatuses: CONTAINERS.map((each) => ({
      containerID: `containerd://${name}-${each}`,
      image: `registry.example.com/shop/${each}:2026.5.4`,
      name: each,
      ready: true,
      restartCount: 0,
      started: true,
      state: { running: { startedAt: STARTED } },
    })),
    hostIP: '10.1.2.3',
    phase: 'Running',
    podIP: '10.244.3.17',
    qosClass: 'Burstable',
    startTime: STARTED,
  };
}

/** One running pod of a deployment. */
export function pod(slots: Slots): object {
  const name = `shop-backend-${slots.index}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      creationTimestamp: STARTED,
      generateName: 'shop-backend-',
      labels: { app: 'shop-backend', 'pod-template-hash': '6d4cf56db6', shard: slots.index },
      managedFields: managedFields(),
      name,
      namespace: namespaceOf(slots),
      ownerReferences: [
        { apiVersion: 'apps/v1', controller: true, kind: 'ReplicaSet', name: 'shop-backend' },
      ],
      resourceVersion: slots.resourceVersion,
      uid: `c7a9e3b0-41d8-4e65-b1f2-00000${slots.index}`,
    },
    spec: {
      containers: CONTAINERS.map(container),
      dnsPolicy: 'ClusterFirst',
      nodeName: 'worker-17',
      restartPolicy: 'Always',
      serviceAccountName: 'shop',
      terminationGracePeriodSeconds: 30,
      tolerations: [
        {
          effect: 'NoExecute',
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          tolerationSeconds: 300,
        },
      ],
      volumes: [{ configMap: { defaultMode: 420, name: 'shop' }, name: 'config' }],
    },
    status: status(name),
  };
}
