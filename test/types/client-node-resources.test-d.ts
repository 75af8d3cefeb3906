/** Owns what the compiler must know about client-node's classes as resources; checked by tsc, never run. */
import { asClientNode, emptySnapshot, type KubernetesObject, type Resource, reduce, stage } from '@firn/core';
import { MemoryStore } from '@firn/stores';
import type {
  NetworkingV1Api,
  V1CustomResourceDefinition,
  V1Ingress,
  V1Lease,
  V1NetworkPolicy,
  V1Pod,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import { produce } from 'immer';
import { expectTypeOf } from 'vitest';

declare const ingress: Resource<V1Ingress>;
declare const secret: Resource<V1Secret>;
declare const service: Resource<V1Service>;
declare const pod: Resource<V1Pod>;
declare const lease: Resource<V1Lease>;
declare const policy: Resource<V1NetworkPolicy>;
declare const definition: Resource<V1CustomResourceDefinition>;
declare const networking: NetworkingV1Api;

type Writable<T, K extends keyof T> = { -readonly [P in K]: T[P] };
type IsReadonly<T, K extends keyof T> =
  (<G>() => G extends Pick<T, K> ? 1 : 2) extends <G>() => G extends Writable<T, K> ? 1 : 2 ? false : true;
type Defined<T> = Exclude<T, undefined>;
type IngressSpec = Defined<Resource<V1Ingress>['spec']>;

// A V1Ingress: fields, arrays and maps are readonly on every level.
expectTypeOf<IsReadonly<{ a?: string }, 'a'>>().toEqualTypeOf<false>();
expectTypeOf<IsReadonly<{ readonly a?: string }, 'a'>>().toEqualTypeOf<true>();
expectTypeOf<IsReadonly<Resource<V1Ingress>, 'spec'>>().toEqualTypeOf<true>();
expectTypeOf<IsReadonly<IngressSpec, 'ingressClassName'>>().toEqualTypeOf<true>();
expectTypeOf<IsReadonly<Defined<IngressSpec['rules']>[number], 'host'>>().toEqualTypeOf<true>();
expectTypeOf(ingress.spec?.rules?.[0]?.http?.paths[0]?.path).toEqualTypeOf<string | undefined>();
expectTypeOf<Defined<IngressSpec['rules']>>().not.toHaveProperty('push');
expectTypeOf(ingress.metadata?.labels).toEqualTypeOf<{ readonly [key: string]: string } | undefined>();
expectTypeOf(ingress.metadata?.finalizers).toEqualTypeOf<readonly string[] | undefined>();
expectTypeOf(ingress.metadata?.creationTimestamp).toEqualTypeOf<string | undefined>();
expectTypeOf(ingress.metadata?.managedFields?.[0]?.time).toEqualTypeOf<string | undefined>();
expectTypeOf({} as const).toExtend<Resource<V1Ingress>>();

// A V1Secret.
expectTypeOf(secret.data).toEqualTypeOf<{ readonly [key: string]: string } | undefined>();
expectTypeOf(secret.immutable).toEqualTypeOf<boolean | undefined>();
expectTypeOf(secret.metadata?.deletionTimestamp).toEqualTypeOf<string | undefined>();
expectTypeOf<IsReadonly<Resource<V1Secret>, 'data'>>().toEqualTypeOf<true>();

// IntOrString, timestamps in conditions and in microseconds, free-form schemas.
expectTypeOf(service.spec?.ports?.[0]?.targetPort).toEqualTypeOf<number | string | undefined>();
expectTypeOf(policy.spec?.ingress?.[0]?.ports?.[0]?.port).toEqualTypeOf<number | string | undefined>();
expectTypeOf(pod.status?.conditions?.[0]?.lastTransitionTime).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.spec?.containers[0]?.resources?.limits).toEqualTypeOf<
  { readonly [key: string]: string } | undefined
>();
expectTypeOf(lease.spec?.renewTime).toEqualTypeOf<string | undefined>();
const schema = definition.spec.versions[0]?.schema?.openAPIV3Schema;
expectTypeOf(schema?.properties?.a?.properties?.b?.type).toEqualTypeOf<string | undefined>();

// All of them are Kubernetes objects, and a resource of a resource is the same.
expectTypeOf<V1Ingress>().toExtend<KubernetesObject>();
expectTypeOf<Resource<V1Ingress>>().toExtend<KubernetesObject>();
expectTypeOf<Resource<Resource<V1Ingress>>>().toExtend<Resource<V1Ingress>>();
expectTypeOf<Resource<V1Ingress>>().toExtend<Resource<Resource<V1Ingress>>>();
expectTypeOf<Resource<Resource<V1CustomResourceDefinition>>>().toExtend<
  Resource<V1CustomResourceDefinition>
>();

// The way to edit one: a draft is writable, and the result goes back to client-node.
const edited = produce(ingress, (draft) => {
  draft.spec ??= {};
  draft.spec.ingressClassName = 'public';
  draft.spec.rules?.push({ host: 'shop.example' });
});
expectTypeOf(edited).toEqualTypeOf<Resource<V1Ingress>>();
expectTypeOf(asClientNode<V1Ingress>(edited)).toEqualTypeOf<V1Ingress>();
void networking.replaceNamespacedIngress({ name: 'front', namespace: 'shop', body: asClientNode(edited) });
void networking.replaceNamespacedIngress({
  name: 'front',
  namespace: 'shop',
  body: asClientNode(produce(ingress, ({ metadata }) => void delete metadata?.labels?.old)),
});

// What was handed out can be handed in again, wherever a resource goes in: by call, as an event, in a list.
const store = new MemoryStore<V1Ingress>(2);
const keys = ['shop', 'front'];
store.add(ingress, keys);
store.update(edited, keys);
store.apply({ type: 'MODIFIED', object: edited, keys, origin: 'watch' });
store.apply([
  { type: 'DELETED', object: ingress },
  { type: 'REPLACED', objects: store.list(), resourceVersion: '7' },
]);
store.events$.subscribe((event) => new MemoryStore<V1Ingress>(2).apply(event));
const { snapshot } = reduce(emptySnapshot<V1Ingress>({ numKeys: 2 }), { type: 'ADDED', object: ingress });
expectTypeOf(snapshot.list()).toEqualTypeOf<readonly Resource<V1Ingress>[]>();
expectTypeOf(
  reduce(snapshot, { type: 'REPLACED', objects: snapshot.list(), resourceVersion: '8' }).snapshot,
).toEqualTypeOf(snapshot);
stage(snapshot).append(snapshot);
// @ts-expect-error: another type of resource does not fit.
reduce(snapshot, { type: 'ADDED', object: service });
