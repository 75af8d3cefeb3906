/** Owns the behaviour of the bridge to client-node's types. */
import { expect, it } from 'vitest';
import { asClientNode, type Resource } from './resource.ts';

it('hands over the same object under the other type', () => {
  interface Thing {
    created?: Date;
  }
  const resource: Resource<Thing> = Object.freeze({ created: '2026-01-01T00:00:00Z' });
  const thing: Thing = asClientNode<Thing>(resource);
  expect(thing).toBe(resource);
  expect(Object.isFrozen(thing)).toBe(true);
});
