/** Owns the demo's shop: which resources it begins with, and how it keeps changing. */
import type { KubernetesObject } from '@firn/core';
import { createRandom, type Random } from '../../random.ts';
import {
  endpointOf,
  endpointSliceOf,
  ingressOf,
  ingressPath,
  type ShopApp,
  type ShopObject,
  secretOf,
  secretValue,
  serviceOf,
} from './shop-objects.ts';

/** A step in the life of the shop; a patch is a merge patch with apiVersion, kind and identity. */
export interface ShopChange {
  readonly type: 'create' | 'patch' | 'delete';
  readonly object: ShopObject;
}

/** A shop in Kubernetes: the resources at the beginning, and an endless stream of changes. */
export interface Shop {
  readonly objects: readonly ShopObject[];
  readonly namespaces: readonly KubernetesObject[];
  nextChange(): ShopChange;
}

const AREAS = [
  'catalog',
  'checkout',
  'orders',
  'payments',
  'search',
  'shipping',
  'accounts',
  'media',
] as const;
const THINGS = [
  'cart',
  'price',
  'stock',
  'invoice',
  'coupon',
  'review',
  'banner',
  'parcel',
  'basket',
  'tax',
] as const;
const PLACES = ['api', 'front', 'sync', 'worker', 'gate', 'cache', 'feed', 'admin'] as const;
const PATHS = ['/', '/v2', '/items', '/status', '/assets', '/callback'] as const;
/** Ingresses (2), service, endpoint slice and secret. */
const OBJECTS_PER_APP = 5;

interface LivingApp {
  app: ShopApp;
  readonly sliceId: string;
  paths: readonly string[];
}

function appAt(index: number, random: Random): LivingApp {
  const namespace = AREAS[index % AREAS.length] ?? AREAS[0];
  const combination = Math.floor(index / AREAS.length);
  const thing = THINGS[combination % THINGS.length] ?? THINGS[0];
  const place = PLACES[Math.floor(combination / THINGS.length) % PLACES.length] ?? PLACES[0];
  const round = Math.floor(combination / (THINGS.length * PLACES.length));
  const name = round === 0 ? `${thing}-${place}` : `${thing}-${place}-${round + 1}`;
  return {
    app: {
      namespace,
      name,
      host: `${name}.${namespace}.shop.example`,
      port: 8000 + random.integer(1000),
      version: `1.${random.integer(10)}.0`,
      replicas: 2 + random.integer(4),
    },
    sliceId: random.text(5),
    paths: ['/', random.pick(['/v2', '/items'])],
  };
}

function patchOf(object: ShopObject, fields: Readonly<Record<string, unknown>>): ShopChange {
  const { apiVersion, kind, metadata } = object;
  const { metadata: more, ...rest } = fields;
  const identity = { namespace: metadata.namespace, name: metadata.name };
  return {
    type: 'patch',
    object: { apiVersion, kind, metadata: { ...identity, ...(more as object | undefined) }, ...rest },
  };
}

class RandomShop implements Shop {
  readonly objects: readonly ShopObject[];
  readonly namespaces: readonly KubernetesObject[];
  readonly #random: Random;
  readonly #apps: [LivingApp, ...LivingApp[]];
  /** Resources that come and go, oldest first. */
  readonly #canaries: ShopObject[] = [];
  readonly #mostCanaries: number;
  #lastCanary = 0;

  constructor(seed: number, objects: number) {
    this.#random = createRandom(seed);
    const count = Math.max(1, Math.round(objects / OBJECTS_PER_APP));
    const others = Array.from({ length: count - 1 }, (_, index) => appAt(index + 1, this.#random));
    this.#apps = [appAt(0, this.#random), ...others];
    const namespaces = new Set(this.#apps.map(({ app }) => app.namespace));
    this.namespaces = [...namespaces].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }));
    this.#mostCanaries = Math.max(2, Math.round(count / 4));
    this.objects = this.#apps.flatMap(({ app, sliceId, paths }) => [
      ingressOf(app, 'web', paths),
      ingressOf(app, 'api', ['/']),
      serviceOf(app),
      endpointSliceOf(app, sliceId),
      secretOf(app, this.#random),
    ]);
  }

  nextChange(): ShopChange {
    const living = this.#random.pick(this.#apps);
    const dice = this.#random.next();
    if (dice < 0.12) return this.#comeOrGo(living);
    if (dice < 0.6) return this.#changeIngress(living);
    if (dice < 0.8) return this.#changeService(living);
    if (dice < 0.95) return this.#changeEndpoints(living);
    return this.#rotateSecret(living);
  }

  #comeOrGo({ app, paths }: LivingApp): ShopChange {
    const full = this.#canaries.length >= this.#mostCanaries;
    const leaves = full || this.#random.next() < 0.4 ? this.#canaries.shift() : undefined;
    if (leaves !== undefined) return { type: 'delete', object: leaves };
    this.#lastCanary += 1;
    const suffix = `canary-${this.#lastCanary}`;
    const object =
      this.#random.next() < 0.6 ? ingressOf(app, suffix, paths) : serviceOf(app, `${app.name}-${suffix}`);
    this.#canaries.push(object);
    return { type: 'create', object };
  }

  #changeIngress(living: LivingApp): ShopChange {
    const { app } = living;
    const ingress = ingressOf(app, this.#random.pick(['web', 'api']), []);
    const kind = this.#random.integer(4);
    if (kind === 0) {
      const limit = String(50 + 10 * this.#random.integer(50));
      return patchOf(ingress, { metadata: { annotations: { 'shop.example/rate-limit': limit } } });
    }
    if (kind === 1) {
      const ip = `203.0.113.${1 + this.#random.integer(250)}`;
      return patchOf(ingress, { status: { loadBalancer: { ingress: [{ ip }] } } });
    }
    if (kind === 2) {
      const host = this.#random.next() < 0.5 ? app.host : `${this.#random.text(4)}.${app.host}`;
      return patchOf(ingress, {
        spec: { rules: [this.#rule(living, host)], tls: [{ hosts: [host], secretName: `${app.name}-tls` }] },
      });
    }
    living.paths = ['/', this.#random.pick(PATHS)];
    return patchOf(ingress, { spec: { rules: [this.#rule(living, app.host)] } });
  }

  #rule({ app, paths }: LivingApp, host: string): unknown {
    return { host, http: { paths: paths.map((path) => ingressPath(app, path)) } };
  }

  #changeService(living: LivingApp): ShopChange {
    const { app } = living;
    if (this.#random.next() < 0.5) {
      const [, minor = '0', patch = '0'] = app.version.split('.');
      const version =
        this.#random.next() < 0.7 ? `1.${minor}.${Number(patch) + 1}` : `1.${Number(minor) + 1}.0`;
      living.app = { ...app, version };
      return patchOf(serviceOf(app), {
        metadata: { labels: { 'app.kubernetes.io/version': version } },
        spec: { selector: { 'app.kubernetes.io/version': version } },
      });
    }
    const sessionAffinity = this.#random.pick(['None', 'ClientIP']);
    const port = 8000 + this.#random.integer(1000);
    living.app = { ...app, port };
    const ports = [{ name: 'http', port, protocol: 'TCP', targetPort: 'http' }];
    return patchOf(serviceOf(app), { spec: { ports, sessionAffinity } });
  }

  #changeEndpoints(living: LivingApp): ShopChange {
    const { app, sliceId } = living;
    if (this.#random.next() < 0.3) living.app = { ...app, replicas: 1 + this.#random.integer(6) };
    const unready = this.#random.integer(living.app.replicas * 2);
    const endpoints = Array.from({ length: living.app.replicas }, (_, index) =>
      endpointOf(living.app, index, index !== unready),
    );
    return patchOf(endpointSliceOf(living.app, sliceId), { endpoints });
  }

  #rotateSecret({ app }: LivingApp): ShopChange {
    const data = { 'tls.crt': secretValue(this.#random, 200), 'tls.key': secretValue(this.#random, 300) };
    return patchOf(secretOf(app, this.#random), { data });
  }
}

/** Makes a shop of about `objects` resources in several namespaces; the same seed gives the same shop and changes. */
export function createShop(options: { readonly seed: number; readonly objects: number }): Shop {
  return new RandomShop(options.seed, options.objects);
}
