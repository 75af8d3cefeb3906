/** Owns how Kubernetes' protobuf encoding is described, and what all kinds have in common. */

/**
 * How a field is read.
 *
 * - `flag`: a boolean that counts as left out when it is false.
 * - `ignored`: what only the server says, such as times; a client that says it changes nothing.
 * - `count`: a number that says something when it is 0, too.
 * - `int-or-string`, `count-or-string`: a number or a text, likewise.
 * - `quantity`: such as `100m`.
 */
export type FieldKind =
  | 'string'
  | 'bytes'
  | 'boolean'
  | 'flag'
  | 'integer'
  | 'count'
  | 'int-or-string'
  | 'count-or-string'
  | 'quantity'
  | 'ignored'
  | 'map'
  | 'bytes-map'
  | 'quantity-map'
  | Schema;

/** A field; one without a name has the fields of its message stand in its place. */
export type Field = readonly [name: string, kind: FieldKind, repeated?: 'repeated'];

/** The fields of a message. */
export interface Schema {
  readonly [number: number]: Field;
}

const OWNER_REFERENCE: Schema = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'boolean'],
  7: ['blockOwnerDeletion', 'boolean'],
};
/** `ObjectMeta`. */
export const OBJECT_META: Schema = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  4: ['selfLink', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'integer'],
  8: ['creationTimestamp', 'ignored'],
  9: ['deletionTimestamp', 'ignored'],
  10: ['deletionGracePeriodSeconds', 'ignored'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  13: ['ownerReferences', OWNER_REFERENCE, 'repeated'],
  14: ['finalizers', 'string', 'repeated'],
  17: ['managedFields', 'ignored'],
};

/** `LabelSelector`. */
export const LABEL_SELECTOR: Schema = {
  1: ['matchLabels', 'map'],
  2: [
    'matchExpressions',
    { 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', 'string', 'repeated'] },
    'repeated',
  ],
};
