/** Owns the protobuf fields of pods and of the kinds that make pods; a status that is more than counts is refused. */
import { LABEL_SELECTOR, OBJECT_META, type Schema } from './protobuf-fields.ts';
import { POD_SPEC, POD_TEMPLATE } from './protobuf-pod.ts';

const ROLLING_UPDATE: Schema = {
  1: ['maxUnavailable', 'count-or-string'],
  2: ['maxSurge', 'count-or-string'],
};
const JOB_SPEC: Schema = {
  1: ['parallelism', 'count'],
  2: ['completions', 'count'],
  3: ['activeDeadlineSeconds', 'count'],
  4: ['selector', LABEL_SELECTOR],
  5: ['manualSelector', 'boolean'],
  6: ['template', POD_TEMPLATE],
  7: ['backoffLimit', 'count'],
  8: ['ttlSecondsAfterFinished', 'count'],
  9: ['completionMode', 'string'],
  10: ['suspend', 'boolean'],
};
const METRIC_TARGET: Schema = {
  1: ['type', 'string'],
  2: ['value', 'quantity'],
  3: ['averageValue', 'quantity'],
  4: ['averageUtilization', 'count'],
};

/** By `apiVersion/kind`. */
export const WORKLOAD_SCHEMAS: Readonly<Record<string, Schema>> = {
  'v1/Pod': {
    1: ['metadata', OBJECT_META],
    2: ['spec', POD_SPEC],
    3: [
      'status',
      {
        1: ['phase', 'string'],
        3: ['message', 'string'],
        4: ['reason', 'string'],
        5: ['hostIP', 'string'],
        6: ['podIP', 'string'],
        9: ['qosClass', 'string'],
        11: ['nominatedNodeName', 'string'],
        14: ['resize', 'string'],
        17: ['observedGeneration', 'integer'],
      },
    ],
  },
  'apps/v1/Deployment': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['replicas', 'count'],
        2: ['selector', LABEL_SELECTOR],
        3: ['template', POD_TEMPLATE],
        4: ['strategy', { 1: ['type', 'string'], 2: ['rollingUpdate', ROLLING_UPDATE] }],
        5: ['minReadySeconds', 'integer'],
        6: ['revisionHistoryLimit', 'count'],
        7: ['paused', 'flag'],
        9: ['progressDeadlineSeconds', 'count'],
      },
    ],
    3: [
      'status',
      {
        1: ['observedGeneration', 'integer'],
        2: ['replicas', 'integer'],
        3: ['updatedReplicas', 'integer'],
        4: ['availableReplicas', 'integer'],
        5: ['unavailableReplicas', 'integer'],
        7: ['readyReplicas', 'integer'],
        8: ['collisionCount', 'count'],
        9: ['terminatingReplicas', 'count'],
      },
    ],
  },
  'autoscaling/v2/HorizontalPodAutoscaler': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['scaleTargetRef', { 1: ['kind', 'string'], 2: ['name', 'string'], 3: ['apiVersion', 'string'] }],
        2: ['minReplicas', 'count'],
        3: ['maxReplicas', 'count'],
        4: [
          'metrics',
          { 1: ['type', 'string'], 4: ['resource', { 1: ['name', 'string'], 2: ['target', METRIC_TARGET] }] },
          'repeated',
        ],
      },
    ],
    3: [
      'status',
      {
        1: ['observedGeneration', 'count'],
        3: ['currentReplicas', 'integer'],
        4: ['desiredReplicas', 'count'],
      },
    ],
  },
  'batch/v1/CronJob': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['schedule', 'string'],
        2: ['startingDeadlineSeconds', 'count'],
        3: ['concurrencyPolicy', 'string'],
        4: ['suspend', 'boolean'],
        5: ['jobTemplate', { 1: ['metadata', OBJECT_META], 2: ['spec', JOB_SPEC] }],
        6: ['successfulJobsHistoryLimit', 'count'],
        7: ['failedJobsHistoryLimit', 'count'],
        8: ['timeZone', 'string'],
      },
    ],
    3: ['status', {}],
  },
  'batch/v1/Job': {
    1: ['metadata', OBJECT_META],
    2: ['spec', JOB_SPEC],
    3: [
      'status',
      {
        4: ['active', 'integer'],
        5: ['succeeded', 'integer'],
        6: ['failed', 'integer'],
        7: ['completedIndexes', 'string'],
        9: ['ready', 'count'],
        10: ['failedIndexes', 'string'],
        11: ['terminating', 'count'],
      },
    ],
  },
};
