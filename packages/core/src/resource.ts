/** Owns the type of what firn hands out: deeply readonly JSON. */

type Primitive = string | number | boolean | null | undefined | bigint | symbol;

/**
 * `T` as firn hands it out: readonly all the way down, and a `Date` of client-node's class types is the string
 * that the API server sent. Optional fields stay optional, `any` and `unknown` stay what they are, and methods,
 * which no JSON has, become `never`.
 *
 * @example
 * ```ts
 * const secret: Resource<V1Secret> = store.get('shop', 'tls')[0]!;
 * secret.metadata?.creationTimestamp; // string | undefined
 * ```
 */
export type Resource<T> = unknown extends T
  ? T
  : T extends Primitive
    ? T
    : T extends Date
      ? string
      : T extends (...args: never[]) => unknown
        ? never
        : ResourceFields<T>;

/** Has a name of its own so that `asClientNode(resource)` finds `T` again. */
type ResourceFields<T> = { readonly [K in keyof T]: Resource<T[K]> };

/**
 * The same object under client-node's type, for handing it to a client-node call that writes it back.
 *
 * It is still frozen, and its timestamps are still strings: edit a copy made with Immer's `produce`.
 *
 * @example
 * ```ts
 * await api.replaceNamespacedIngress({ name, namespace, body: asClientNode(produce(ingress, draft => { … })) });
 * ```
 */
export function asClientNode<T>(resource: Resource<T>): T {
  return resource as unknown as T;
}
