/** Owns what names a resource without holding it. */

/** Identity, uid, resource version and index keys of a resource; cluster-scoped ones have namespace `''`. */
export interface ResourceRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** What it is stored under; of no meaning where something is to be deleted. */
  readonly keys: readonly string[];
}
