/** Owns which client-node type each built-in resource type has. */
import type {
  CoreV1Event,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1CronJob,
  V1CustomResourceDefinition,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Endpoints,
  V1Ingress,
  V1IngressClass,
  V1Job,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  V1StorageClass,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

/** Type by GVR, for literal names of built-in resource types. */
export interface BuiltInResources {
  'v1/configmaps': V1ConfigMap;
  'v1/endpoints': V1Endpoints;
  'v1/events': CoreV1Event;
  'v1/namespaces': V1Namespace;
  'v1/nodes': V1Node;
  'v1/persistentvolumeclaims': V1PersistentVolumeClaim;
  'v1/persistentvolumes': V1PersistentVolume;
  'v1/pods': V1Pod;
  'v1/secrets': V1Secret;
  'v1/serviceaccounts': V1ServiceAccount;
  'v1/services': V1Service;
  'apiextensions.k8s.io/v1/customresourcedefinitions': V1CustomResourceDefinition;
  'apps/v1/daemonsets': V1DaemonSet;
  'apps/v1/deployments': V1Deployment;
  'apps/v1/replicasets': V1ReplicaSet;
  'apps/v1/statefulsets': V1StatefulSet;
  'autoscaling/v2/horizontalpodautoscalers': V2HorizontalPodAutoscaler;
  'batch/v1/cronjobs': V1CronJob;
  'batch/v1/jobs': V1Job;
  'coordination.k8s.io/v1/leases': V1Lease;
  'discovery.k8s.io/v1/endpointslices': V1EndpointSlice;
  'networking.k8s.io/v1/ingressclasses': V1IngressClass;
  'networking.k8s.io/v1/ingresses': V1Ingress;
  'networking.k8s.io/v1/networkpolicies': V1NetworkPolicy;
  'policy/v1/poddisruptionbudgets': V1PodDisruptionBudget;
  'rbac.authorization.k8s.io/v1/clusterrolebindings': V1ClusterRoleBinding;
  'rbac.authorization.k8s.io/v1/clusterroles': V1ClusterRole;
  'rbac.authorization.k8s.io/v1/rolebindings': V1RoleBinding;
  'rbac.authorization.k8s.io/v1/roles': V1Role;
  'storage.k8s.io/v1/storageclasses': V1StorageClass;
}
