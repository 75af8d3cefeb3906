/** Owns the protobuf fields of a pod's specification: those of common use; a body that has others is refused. */
import { OBJECT_META, type Schema } from './protobuf-fields.ts';

const LOCAL_REFERENCE: Schema = { 1: ['name', 'string'] };
const NAMED_OPTIONAL: Schema = { 1: ['', LOCAL_REFERENCE], 2: ['optional', 'boolean'] };
const KEY_SELECTOR: Schema = { 1: ['', LOCAL_REFERENCE], 2: ['key', 'string'], 3: ['optional', 'boolean'] };
const KEY_TO_PATH: Schema = { 1: ['key', 'string'], 2: ['path', 'string'], 3: ['mode', 'count'] };

const ENV: Schema = {
  1: ['name', 'string'],
  2: ['value', 'string'],
  3: [
    'valueFrom',
    {
      1: ['fieldRef', { 1: ['apiVersion', 'string'], 2: ['fieldPath', 'string'] }],
      2: [
        'resourceFieldRef',
        { 1: ['containerName', 'string'], 2: ['resource', 'string'], 3: ['divisor', 'quantity'] },
      ],
      3: ['configMapKeyRef', KEY_SELECTOR],
      4: ['secretKeyRef', KEY_SELECTOR],
    },
  ],
};
const ENV_FROM: Schema = {
  1: ['prefix', 'string'],
  2: ['configMapRef', NAMED_OPTIONAL],
  3: ['secretRef', NAMED_OPTIONAL],
};
const CONTAINER_PORT: Schema = {
  1: ['name', 'string'],
  2: ['hostPort', 'integer'],
  3: ['containerPort', 'integer'],
  4: ['protocol', 'string'],
  5: ['hostIP', 'string'],
};
const HANDLER: Schema = {
  1: ['exec', { 1: ['command', 'string', 'repeated'] }],
  2: [
    'httpGet',
    {
      1: ['path', 'string'],
      2: ['port', 'int-or-string'],
      3: ['host', 'string'],
      4: ['scheme', 'string'],
      5: ['httpHeaders', { 1: ['name', 'string'], 2: ['value', 'string'] }, 'repeated'],
    },
  ],
  3: ['tcpSocket', { 1: ['port', 'int-or-string'], 2: ['host', 'string'] }],
  4: ['grpc', { 1: ['port', 'integer'], 2: ['service', 'string'] }],
};
const PROBE: Schema = {
  1: ['', HANDLER],
  2: ['initialDelaySeconds', 'integer'],
  3: ['timeoutSeconds', 'integer'],
  4: ['periodSeconds', 'integer'],
  5: ['successThreshold', 'integer'],
  6: ['failureThreshold', 'integer'],
  7: ['terminationGracePeriodSeconds', 'count'],
};
const RESOURCES: Schema = { 1: ['limits', 'quantity-map'], 2: ['requests', 'quantity-map'] };
const CONTAINER_SECURITY: Schema = {
  1: ['capabilities', { 1: ['add', 'string', 'repeated'], 2: ['drop', 'string', 'repeated'] }],
  2: ['privileged', 'boolean'],
  4: ['runAsUser', 'count'],
  5: ['runAsNonRoot', 'boolean'],
  6: ['readOnlyRootFilesystem', 'boolean'],
  7: ['allowPrivilegeEscalation', 'boolean'],
  8: ['runAsGroup', 'count'],
};
const VOLUME_MOUNT: Schema = {
  1: ['name', 'string'],
  2: ['readOnly', 'flag'],
  3: ['mountPath', 'string'],
  4: ['subPath', 'string'],
  5: ['mountPropagation', 'string'],
  6: ['subPathExpr', 'string'],
};
const CONTAINER: Schema = {
  1: ['name', 'string'],
  2: ['image', 'string'],
  3: ['command', 'string', 'repeated'],
  4: ['args', 'string', 'repeated'],
  5: ['workingDir', 'string'],
  6: ['ports', CONTAINER_PORT, 'repeated'],
  7: ['env', ENV, 'repeated'],
  8: ['resources', RESOURCES],
  9: ['volumeMounts', VOLUME_MOUNT, 'repeated'],
  10: ['livenessProbe', PROBE],
  11: ['readinessProbe', PROBE],
  12: ['lifecycle', { 1: ['postStart', HANDLER], 2: ['preStop', HANDLER] }],
  13: ['terminationMessagePath', 'string'],
  14: ['imagePullPolicy', 'string'],
  15: ['securityContext', CONTAINER_SECURITY],
  16: ['stdin', 'flag'],
  17: ['stdinOnce', 'flag'],
  18: ['tty', 'flag'],
  19: ['envFrom', ENV_FROM, 'repeated'],
  20: ['terminationMessagePolicy', 'string'],
  22: ['startupProbe', PROBE],
  24: ['restartPolicy', 'string'],
};
const SOURCE_OF_FILES: Schema = {
  2: ['items', KEY_TO_PATH, 'repeated'],
  3: ['defaultMode', 'count'],
  4: ['optional', 'boolean'],
};
const VOLUME_SOURCE: Schema = {
  1: ['hostPath', { 1: ['path', 'string'], 2: ['type', 'string'] }],
  2: ['emptyDir', { 1: ['medium', 'string'], 2: ['sizeLimit', 'quantity'] }],
  6: ['secret', { 1: ['secretName', 'string'], ...SOURCE_OF_FILES }],
  10: ['persistentVolumeClaim', { 1: ['claimName', 'string'], 2: ['readOnly', 'flag'] }],
  19: ['configMap', { 1: ['', LOCAL_REFERENCE], ...SOURCE_OF_FILES }],
};
const POD_SECURITY: Schema = {
  2: ['runAsUser', 'count'],
  3: ['runAsNonRoot', 'boolean'],
  5: ['fsGroup', 'count'],
  6: ['runAsGroup', 'count'],
};
const TOLERATION: Schema = {
  1: ['key', 'string'],
  2: ['operator', 'string'],
  3: ['value', 'string'],
  4: ['effect', 'string'],
  5: ['tolerationSeconds', 'count'],
};

/** `PodSpec`. */
export const POD_SPEC: Schema = {
  1: ['volumes', { 1: ['name', 'string'], 2: ['', VOLUME_SOURCE] }, 'repeated'],
  2: ['containers', CONTAINER, 'repeated'],
  3: ['restartPolicy', 'string'],
  4: ['terminationGracePeriodSeconds', 'count'],
  5: ['activeDeadlineSeconds', 'count'],
  6: ['dnsPolicy', 'string'],
  7: ['nodeSelector', 'map'],
  8: ['serviceAccountName', 'string'],
  9: ['serviceAccount', 'string'],
  10: ['nodeName', 'string'],
  11: ['hostNetwork', 'flag'],
  12: ['hostPID', 'flag'],
  13: ['hostIPC', 'flag'],
  14: ['securityContext', POD_SECURITY],
  15: ['imagePullSecrets', LOCAL_REFERENCE, 'repeated'],
  16: ['hostname', 'string'],
  17: ['subdomain', 'string'],
  19: ['schedulerName', 'string'],
  20: ['initContainers', CONTAINER, 'repeated'],
  21: ['automountServiceAccountToken', 'boolean'],
  22: ['tolerations', TOLERATION, 'repeated'],
  24: ['priorityClassName', 'string'],
  25: ['priority', 'count'],
  27: ['shareProcessNamespace', 'boolean'],
  29: ['runtimeClassName', 'string'],
  30: ['enableServiceLinks', 'boolean'],
  31: ['preemptionPolicy', 'string'],
};

/** `PodTemplateSpec`. */
export const POD_TEMPLATE: Schema = { 1: ['metadata', OBJECT_META], 2: ['spec', POD_SPEC] };
