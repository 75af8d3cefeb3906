/** The public face of @firn/core. */
export { Change, type ChangeCause, type ChangeType } from './change.ts';
export { diff } from './diff.ts';
export { type Duration, parseDuration } from './duration.ts';
export {
  ConfigError,
  EventLogError,
  FieldPathError,
  FirnError,
  type FirnErrorOptions,
  IndexError,
  ProtocolError,
  StoreError,
  type StoreOperation,
} from './errors.ts';
export { type FieldPath, type FieldPathSegment, formatFieldPath } from './field-path/field-path.ts';
export { parseFieldPath, validateFieldPath } from './field-path/parse-field-path.ts';
export { formatGvr, type GroupVersionResource, parseGvr } from './gvr.ts';
export { createIndexer, type Indexer } from './indexer.ts';
export type { IndexerOptions } from './indexer-options.ts';
export type { SecondaryIndex } from './indexer-secondary.ts';
export type { KubernetesObject, ObjectMeta } from './kubernetes-object.ts';
export { type Reduction, reduce, type Staging, stage } from './reduce.ts';
export { asClientNode, type Resource } from './resource.ts';
export type {
  Bookmark,
  Cleared,
  EventOrigin,
  ResourceEvent,
  ResourcesReplaced,
  ResourceWritten,
} from './resource-event.ts';
export type { ResourceRef } from './resource-ref.ts';
export { compareResourceVersions } from './resource-version.ts';
export { emptySnapshot, type ResourceIndex, Snapshot } from './snapshot.ts';
export type { SnapshotOptions } from './snapshot-state.ts';
