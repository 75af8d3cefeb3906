import type { KubernetesObject } from '@firn/core';
import { createRuntime, createWatcher, loadWatchedResources, watched } from '@firn/runtime';
import type { CachedStore, MemoryStore, RefChange } from '@firn/stores';
import type { KubeConfig, V1Ingress, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';
import { expectTypeOf } from 'vitest';

declare const kubeConfig: KubeConfig;

interface Certificate {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string };
  spec: { dnsNames: string[] };
}

// The literal name of a built-in type gives its type; any other is what the caller says, or any object.
expectTypeOf(createWatcher(kubeConfig, { gvr: 'v1/pods' }).store).toEqualTypeOf<MemoryStore<V1Pod>>();
expectTypeOf(
  createWatcher<Certificate>(kubeConfig, { gvr: 'cert-manager.io/v1/certificates' }).store,
).toEqualTypeOf<MemoryStore<Certificate>>();
expectTypeOf(createWatcher(kubeConfig, { gvr: 'example.com/v1/gadgets' }).store).toEqualTypeOf<
  MemoryStore<KubernetesObject>
>();

const runtime = createRuntime({
  kubeConfig,
  resources: {
    ingresses: watched<V1Ingress>('networking.k8s.io/v1/ingresses', { indexBy: ['metadata.namespace'] }),
    services: watched('v1/services'),
    certificates: watched<Certificate>('cert-manager.io/v1/certificates'),
    secrets: watched('v1/secrets', { store: 'on-demand', cacheTtl: '15m' }),
    keys: watched<Certificate>('example.com/v1/keys', { store: 'on-demand' }),
  },
});
expectTypeOf(runtime.stores.ingresses).toEqualTypeOf<MemoryStore<V1Ingress>>();
expectTypeOf(runtime.stores.services).toEqualTypeOf<MemoryStore<V1Service>>();
expectTypeOf(runtime.stores.certificates).toEqualTypeOf<MemoryStore<Certificate>>();
expectTypeOf(runtime.watchers.services.store).toEqualTypeOf<MemoryStore<V1Service>>();

expectTypeOf(runtime.stores.secrets).toEqualTypeOf<CachedStore<V1Secret>>();
expectTypeOf(runtime.stores.keys).toEqualTypeOf<CachedStore<Certificate>>();
expectTypeOf(runtime.watchers.secrets.store).toEqualTypeOf<CachedStore<V1Secret>>();
// References make no snapshot of resources.
expectTypeOf<keyof ReturnType<typeof runtime.snapshot>>().toEqualTypeOf<
  'ingresses' | 'services' | 'certificates'
>();
expectTypeOf(createWatcher(kubeConfig, { gvr: 'v1/secrets', store: 'on-demand' }).store).toEqualTypeOf<
  CachedStore<V1Secret>
>();
createWatcher(kubeConfig, {
  gvr: 'v1/secrets',
  store: 'on-demand',
  onChange: (store) => expectTypeOf(store).toEqualTypeOf<CachedStore<V1Secret>>(),
}).store.changes$.subscribe((change) => expectTypeOf(change).toEqualTypeOf<RefChange<V1Secret>>());

const fromFile = createRuntime({ kubeConfig, resources: loadWatchedResources('') });
// A file may say either: look with instanceof.
type FromFile = MemoryStore<KubernetesObject> | CachedStore<KubernetesObject> | undefined;
expectTypeOf(fromFile.stores.anything).toEqualTypeOf<FromFile>();
const fromItsResources = createRuntime({ kubeConfig, resources: loadWatchedResources('').resources });
expectTypeOf(fromItsResources.stores.anything).toEqualTypeOf<FromFile>();
