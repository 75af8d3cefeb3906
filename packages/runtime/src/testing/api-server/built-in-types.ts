/** Owns the list of resource types that every Kubernetes API server serves. */
import { defineResourceType, type ResourceType } from './resource-type.ts';

interface Extras {
  readonly short?: string;
  readonly all?: true;
  readonly cluster?: true;
  readonly noStatus?: true;
  readonly fields?: readonly string[];
}

type Row = readonly [resource: string, kind: string, extras?: Extras];

const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];
const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

const GROUP_VERSIONS: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    ['configmaps', 'ConfigMap', { short: 'cm', noStatus: true }],
    ['endpoints', 'Endpoints', { short: 'ep', noStatus: true }],
    ['events', 'Event', { short: 'ev', noStatus: true, fields: EVENT_FIELDS }],
    ['limitranges', 'LimitRange', { short: 'limits', noStatus: true }],
    ['namespaces', 'Namespace', { short: 'ns', cluster: true, fields: ['status.phase', 'name'] }],
    ['nodes', 'Node', { short: 'no', cluster: true, fields: ['spec.unschedulable'] }],
    ['persistentvolumeclaims', 'PersistentVolumeClaim', { short: 'pvc' }],
    ['persistentvolumes', 'PersistentVolume', { short: 'pv', cluster: true }],
    ['pods', 'Pod', { short: 'po', all: true, fields: POD_FIELDS }],
    ['podtemplates', 'PodTemplate', { noStatus: true }],
    [
      'replicationcontrollers',
      'ReplicationController',
      { short: 'rc', all: true, fields: ['status.replicas'] },
    ],
    ['resourcequotas', 'ResourceQuota', { short: 'quota' }],
    ['secrets', 'Secret', { noStatus: true, fields: ['type'] }],
    ['serviceaccounts', 'ServiceAccount', { short: 'sa', noStatus: true }],
    ['services', 'Service', { short: 'svc', all: true, fields: ['spec.clusterIP', 'spec.type'] }],
  ],
  'apiextensions.k8s.io/v1': [
    ['customresourcedefinitions', 'CustomResourceDefinition', { short: 'crd,crds', cluster: true }],
  ],
  'apiregistration.k8s.io/v1': [['apiservices', 'APIService', { cluster: true }]],
  'apps/v1': [
    ['controllerrevisions', 'ControllerRevision', { noStatus: true }],
    ['daemonsets', 'DaemonSet', { short: 'ds', all: true }],
    ['deployments', 'Deployment', { short: 'deploy', all: true }],
    ['replicasets', 'ReplicaSet', { short: 'rs', all: true, fields: ['status.replicas'] }],
    ['statefulsets', 'StatefulSet', { short: 'sts', all: true }],
  ],
  'autoscaling/v2': [['horizontalpodautoscalers', 'HorizontalPodAutoscaler', { short: 'hpa', all: true }]],
  'batch/v1': [
    ['cronjobs', 'CronJob', { short: 'cj', all: true }],
    ['jobs', 'Job', { all: true, fields: ['status.successful'] }],
  ],
  'certificates.k8s.io/v1': [
    [
      'certificatesigningrequests',
      'CertificateSigningRequest',
      { short: 'csr', cluster: true, fields: ['spec.signerName'] },
    ],
  ],
  'coordination.k8s.io/v1': [['leases', 'Lease', { noStatus: true }]],
  'discovery.k8s.io/v1': [['endpointslices', 'EndpointSlice', { noStatus: true }]],
  'networking.k8s.io/v1': [
    ['ingressclasses', 'IngressClass', { cluster: true, noStatus: true }],
    ['ingresses', 'Ingress', { short: 'ing' }],
    ['ipaddresses', 'IPAddress', { short: 'ip', cluster: true, noStatus: true }],
    ['networkpolicies', 'NetworkPolicy', { short: 'netpol', noStatus: true }],
    ['servicecidrs', 'ServiceCIDR', { cluster: true }],
  ],
  'node.k8s.io/v1': [['runtimeclasses', 'RuntimeClass', { cluster: true, noStatus: true }]],
  'policy/v1': [['poddisruptionbudgets', 'PodDisruptionBudget', { short: 'pdb' }]],
  'rbac.authorization.k8s.io/v1': [
    ['clusterrolebindings', 'ClusterRoleBinding', { cluster: true, noStatus: true }],
    ['clusterroles', 'ClusterRole', { cluster: true, noStatus: true }],
    ['rolebindings', 'RoleBinding', { noStatus: true }],
    ['roles', 'Role', { noStatus: true }],
  ],
  'scheduling.k8s.io/v1': [
    ['priorityclasses', 'PriorityClass', { short: 'pc', cluster: true, noStatus: true }],
  ],
  'storage.k8s.io/v1': [
    ['csidrivers', 'CSIDriver', { cluster: true, noStatus: true }],
    ['csinodes', 'CSINode', { cluster: true, noStatus: true }],
    ['storageclasses', 'StorageClass', { short: 'sc', cluster: true, noStatus: true }],
    ['volumeattachments', 'VolumeAttachment', { cluster: true }],
  ],
  'admissionregistration.k8s.io/v1': [
    ['mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', { cluster: true, noStatus: true }],
    ['validatingadmissionpolicies', 'ValidatingAdmissionPolicy', { cluster: true }],
    [
      'validatingadmissionpolicybindings',
      'ValidatingAdmissionPolicyBinding',
      { cluster: true, noStatus: true },
    ],
    ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', { cluster: true, noStatus: true }],
  ],
};

// Whether generations are counted has nothing to do with a status.
const COUNTED = new Set([
  'endpointslices',
  'ingressclasses',
  'mutatingwebhookconfigurations',
  'networkpolicies',
  'podtemplates',
  'priorityclasses',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
]);
const NOT_COUNTED = new Set([
  'apiservices',
  'certificatesigningrequests',
  'namespaces',
  'nodes',
  'persistentvolumeclaims',
  'persistentvolumes',
  'resourcequotas',
  'servicecidrs',
  'services',
  'volumeattachments',
]);
const SCALED = new Set(['deployments', 'replicasets', 'replicationcontrollers', 'statefulsets']);

/** Describes the built-in resource types, in the order in which discovery lists them. */
export function builtInTypes(): ResourceType[] {
  return Object.entries(GROUP_VERSIONS).flatMap(([groupVersion, rows]) =>
    rows.map(([resource, kind, extras = {}]) =>
      defineResourceType(
        {
          gvr: `${groupVersion}/${resource}`,
          kind,
          namespaced: extras.cluster !== true,
          status: extras.noStatus !== true,
          shortNames: extras.short?.split(',') ?? [],
          categories: extras.all === true ? ['all'] : [],
          selectableFields: extras.fields ?? [],
        },
        {
          builtIn: true,
          scale: SCALED.has(resource),
          generations: COUNTED.has(resource) || (extras.noStatus !== true && !NOT_COUNTED.has(resource)),
          keepsCollection: resource === 'namespaces',
        },
      ),
    ),
  );
}
