/** Owns the protobuf fields of the kinds that say who may do what, and how much. */
import { LABEL_SELECTOR, OBJECT_META, type Schema } from './protobuf-fields.ts';

const RULE: Schema = {
  1: ['verbs', 'string', 'repeated'],
  2: ['apiGroups', 'string', 'repeated'],
  3: ['resources', 'string', 'repeated'],
  4: ['resourceNames', 'string', 'repeated'],
  5: ['nonResourceURLs', 'string', 'repeated'],
};
const BINDING: Schema = {
  1: ['metadata', OBJECT_META],
  2: [
    'subjects',
    { 1: ['kind', 'string'], 2: ['apiGroup', 'string'], 3: ['name', 'string'], 4: ['namespace', 'string'] },
    'repeated',
  ],
  3: ['roleRef', { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] }],
};

/** By `apiVersion/kind`. */
export const POLICY_SCHEMAS: Readonly<Record<string, Schema>> = {
  'v1/ResourceQuota': {
    1: ['metadata', OBJECT_META],
    2: ['spec', { 1: ['hard', 'quantity-map'], 2: ['scopes', 'string', 'repeated'] }],
    3: ['status', { 1: ['hard', 'quantity-map'], 2: ['used', 'quantity-map'] }],
  },
  'policy/v1/PodDisruptionBudget': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['minAvailable', 'count-or-string'],
        2: ['selector', LABEL_SELECTOR],
        3: ['maxUnavailable', 'count-or-string'],
        4: ['unhealthyPodEvictionPolicy', 'string'],
      },
    ],
    3: [
      'status',
      {
        1: ['observedGeneration', 'integer'],
        3: ['disruptionsAllowed', 'count'],
        4: ['currentHealthy', 'count'],
        5: ['desiredHealthy', 'count'],
        6: ['expectedPods', 'count'],
      },
    ],
  },
  'rbac.authorization.k8s.io/v1/ClusterRole': {
    1: ['metadata', OBJECT_META],
    2: ['rules', RULE, 'repeated'],
    3: ['aggregationRule', { 1: ['clusterRoleSelectors', LABEL_SELECTOR, 'repeated'] }],
  },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': BINDING,
  'rbac.authorization.k8s.io/v1/Role': { 1: ['metadata', OBJECT_META], 2: ['rules', RULE, 'repeated'] },
  'rbac.authorization.k8s.io/v1/RoleBinding': BINDING,
  'scheduling.k8s.io/v1/PriorityClass': {
    1: ['metadata', OBJECT_META],
    2: ['value', 'count'],
    3: ['globalDefault', 'flag'],
    4: ['description', 'string'],
    5: ['preemptionPolicy', 'string'],
  },
};
