/** Owns the promise that a full store holds resources only: a mere reference never gets in, whatever carries it. */
import type { ResourceEvent } from '@firn/core';
import { expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { type Pod, paths, pod, refused } from './pod.fixture.ts';

const KEYS = ['shop', 'b'];

it.each<[string, object]>([
  ['a reference', { namespace: 'shop', name: 'b', keys: KEYS }],
  ['the reference that a store gave', storeOf('shop/b').refs()[0] as object],
  ['an object without metadata', { namespace: 'shop', name: 'b', spec: {} }],
  ['an object that only looks like an entry', { namespace: 'shop', name: 'b', resource: pod('shop/b') }],
])('%s is refused, alone and in a list, and everything can still be read', (_, given) => {
  const store = storeOf('shop/a');
  const object = given as Pod;
  const events: [string, readonly string[], () => void][] = [
    ['add', KEYS, () => store.add(object, KEYS)],
    ['add', [], () => store.add(object)],
    ['update', KEYS, () => store.update(object, KEYS)],
    ['apply', KEYS, () => store.apply({ type: 'MODIFIED', object, keys: KEYS })],
    ['apply', [], () => store.apply({ type: 'ADDED', object, origin: 'watch' })],
    ['apply', [], () => store.apply(listOf(object, pod('shop/c')))],
    ['apply', [], () => store.apply([{ type: 'CLEARED' }, listOf(pod('shop/c'), object)])],
  ];
  for (const [operation, keys, call] of events) {
    expect(refused(call)).toMatchObject({ code: 'NO_RESOURCE', operation, keys });
  }
  expect(paths(store.list())).toEqual(['shop/a']);
  expect(store.snapshot.digest()).toBe(storeOf('shop/a').snapshot.digest());
  expect(store.modCount).toBe(1);
});

it('a reference names what is to be deleted', () => {
  const store = storeOf('shop/a');
  store.apply({ type: 'DELETED', object: { ...pod('shop/a').metadata, namespace: 'shop', keys: [] } });
  expect(store.size).toBe(0);
});

function storeOf(path: string): MemoryStore<Pod> {
  const store = new MemoryStore<Pod>(2);
  store.add(pod(path));
  return store;
}

function listOf(...objects: Pod[]): ResourceEvent<Pod> {
  return { type: 'REPLACED', objects, resourceVersion: '7' };
}
