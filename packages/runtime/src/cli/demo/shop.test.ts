import { describe, expect, it } from 'vitest';
import { createShop, type Shop, type ShopChange } from './shop.ts';
import type { ShopObject } from './shop-objects.ts';

function identity({ kind, metadata }: ShopObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function changes(shop: Shop, count: number): readonly ShopChange[] {
  return Array.from({ length: count }, () => shop.nextChange());
}

describe('createShop', () => {
  it('has about as many resources as asked for, in several namespaces, each identity once', () => {
    for (const objects of [5, 200, 20_000]) {
      const shop = createShop({ seed: 1, objects });
      expect(shop.objects).toHaveLength(objects);
      expect(new Set(shop.objects.map(identity)).size).toBe(objects);
    }
    const { objects } = createShop({ seed: 1, objects: 200 });
    expect(new Set(objects.map(({ metadata }) => metadata.namespace)).size).toBe(8);
    const kinds = Object.groupBy(objects, ({ kind }) => kind);
    expect(Object.fromEntries(Object.entries(kinds).map(([kind, all]) => [kind, all?.length]))).toEqual({
      Ingress: 80,
      Service: 40,
      EndpointSlice: 40,
      Secret: 40,
    });
  });

  it('makes ingresses of about 1.7 KB, as kubectl applies them', () => {
    const ingresses = createShop({ seed: 1, objects: 200 }).objects.filter(({ kind }) => kind === 'Ingress');
    const bytes = ingresses.map((ingress) => JSON.stringify(ingress).length);
    const average = bytes.reduce((sum, size) => sum + size, 0) / bytes.length;
    expect(average).toBeGreaterThan(1600);
    expect(average).toBeLessThan(1800);
    expect(ingresses[0]?.metadata).toHaveProperty('managedFields');
  });

  it('gives the same shop and the same changes for the same seed, others for another', () => {
    const run = (seed: number): string => {
      const shop = createShop({ seed, objects: 50 });
      return JSON.stringify([shop.objects, changes(shop, 200)]);
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });

  it('creates what is not there, and patches and deletes only what is', () => {
    const shop = createShop({ seed: 3, objects: 50 });
    const there = new Set(shop.objects.map(identity));
    const seen = new Set<string>();
    for (const { type, object } of changes(shop, 5000)) {
      expect(there.has(identity(object))).toBe(type !== 'create');
      if (type === 'create') there.add(identity(object));
      if (type === 'delete') there.delete(identity(object));
      seen.add(`${type} ${object.kind}`);
    }
    expect(there.size).toBeLessThan(100);
    expect([...seen].sort()).toEqual([
      ...['create Ingress', 'create Service', 'delete Ingress', 'delete Service', 'patch EndpointSlice'],
      ...['patch Ingress', 'patch Secret', 'patch Service'],
    ]);
  });
});
