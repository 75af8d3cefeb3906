/** Owns the fields of the kinds that are read from Kubernetes' protobuf encoding, by their numbers. */
import { OBJECT_META, type Schema } from './protobuf-fields.ts';
import { POLICY_SCHEMAS } from './protobuf-policies.ts';
import { WORKLOAD_SCHEMAS } from './protobuf-workloads.ts';

// The same for services and ingresses, but for `ipMode`.
const LOAD_BALANCER: Schema = {
  1: [
    'ingress',
    {
      1: ['ip', 'string'],
      2: ['hostname', 'string'],
      3: ['ipMode', 'string'],
      4: ['ports', { 1: ['port', 'integer'], 2: ['protocol', 'string'], 3: ['error', 'string'] }, 'repeated'],
    },
    'repeated',
  ],
};
const SERVICE_PORT: Schema = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'integer'],
  4: ['targetPort', 'int-or-string'],
  5: ['nodePort', 'integer'],
  6: ['appProtocol', 'string'],
};
const SERVICE_SPEC: Schema = {
  1: ['ports', SERVICE_PORT, 'repeated'],
  2: ['selector', 'map'],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  5: ['externalIPs', 'string', 'repeated'],
  7: ['sessionAffinity', 'string'],
  8: ['loadBalancerIP', 'string'],
  9: ['loadBalancerSourceRanges', 'string', 'repeated'],
  10: ['externalName', 'string'],
  11: ['externalTrafficPolicy', 'string'],
  12: ['healthCheckNodePort', 'integer'],
  13: ['publishNotReadyAddresses', 'flag'],
  14: ['sessionAffinityConfig', { 1: ['clientIP', { 1: ['timeoutSeconds', 'integer'] }] }],
  17: ['ipFamilyPolicy', 'string'],
  18: ['clusterIPs', 'string', 'repeated'],
  19: ['ipFamilies', 'string', 'repeated'],
  20: ['allocateLoadBalancerNodePorts', 'boolean'],
  21: ['loadBalancerClass', 'string'],
  22: ['internalTrafficPolicy', 'string'],
  23: ['trafficDistribution', 'string'],
};

const INGRESS_BACKEND: Schema = {
  3: ['resource', { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] }],
  4: ['service', { 1: ['name', 'string'], 2: ['port', { 1: ['name', 'string'], 2: ['number', 'integer'] }] }],
};
const INGRESS_PATH: Schema = {
  1: ['path', 'string'],
  2: ['backend', INGRESS_BACKEND],
  3: ['pathType', 'string'],
};
const INGRESS_SPEC: Schema = {
  1: ['defaultBackend', INGRESS_BACKEND],
  2: ['tls', { 1: ['hosts', 'string', 'repeated'], 2: ['secretName', 'string'] }, 'repeated'],
  3: [
    'rules',
    { 1: ['host', 'string'], 2: ['', { 1: ['http', { 1: ['paths', INGRESS_PATH, 'repeated'] }] }] },
    'repeated',
  ],
  4: ['ingressClassName', 'string'],
};

/** By `apiVersion/kind`. */
export const OBJECT_SCHEMAS: Readonly<Record<string, Schema>> = {
  ...POLICY_SCHEMAS,
  ...WORKLOAD_SCHEMAS,
  'v1/Namespace': {
    1: ['metadata', OBJECT_META],
    2: ['spec', { 1: ['finalizers', 'string', 'repeated'] }],
    3: ['status', { 1: ['phase', 'string'] }],
  },
  'v1/ConfigMap': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'map'],
    3: ['binaryData', 'bytes-map'],
    4: ['immutable', 'boolean'],
  },
  'v1/Secret': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'bytes-map'],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
    5: ['immutable', 'boolean'],
  },
  'v1/Service': {
    1: ['metadata', OBJECT_META],
    2: ['spec', SERVICE_SPEC],
    3: ['status', { 1: ['loadBalancer', LOAD_BALANCER] }],
  },
  'v1/ServiceAccount': {
    1: ['metadata', OBJECT_META],
    3: ['imagePullSecrets', { 1: ['name', 'string'] }, 'repeated'],
    4: ['automountServiceAccountToken', 'boolean'],
  },
  'networking.k8s.io/v1/Ingress': {
    1: ['metadata', OBJECT_META],
    2: ['spec', INGRESS_SPEC],
    3: ['status', { 1: ['loadBalancer', LOAD_BALANCER] }],
  },
};

/** `DeleteOptions`, which every group has in its own version. */
export const DELETE_OPTIONS: Schema = {
  1: ['gracePeriodSeconds', 'integer'],
  2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
  3: ['orphanDependents', 'boolean'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'string', 'repeated'],
  6: ['ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean'],
};
