import type { KubernetesObject, ResourceEvent } from '@firn/core';
import { emptySnapshot, reduce } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Letter, Mailbox } from './mailbox.ts';

type Event = ResourceEvent<KubernetesObject>;

function written(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, version: number, uid = 'u'): Event {
  const object = { metadata: { namespace: 'shop', name, uid, resourceVersion: String(version) } };
  return { type, object, origin: 'watch' };
}

function letter(events: readonly Event[], arrivedAt = 0): Letter {
  return { kind: 'events', events, bytes: events.length * 100, arrivedAt };
}

function drained(mailbox: Mailbox): Event[] {
  const events: Event[] = [];
  for (let next = mailbox.take(); next !== undefined; next = mailbox.take()) {
    if (next.kind === 'events') events.push(...next.events);
  }
  return events;
}

function short(event: Event): string {
  return 'object' in event
    ? `${event.type} ${(event.object as KubernetesObject).metadata?.name}@${(event.object as KubernetesObject).metadata?.resourceVersion}`
    : event.type;
}

describe('Mailbox', () => {
  it('gives letters in the order in which they came', () => {
    const mailbox = new Mailbox();
    mailbox.post(letter([written('ADDED', 'a', 1)]));
    mailbox.post(letter([written('MODIFIED', 'a', 2), written('ADDED', 'b', 3)]));
    expect(drained(mailbox).map(short)).toEqual(['ADDED a@1', 'MODIFIED a@2', 'ADDED b@3']);
    expect(mailbox.isEmpty).toBe(true);
  });

  it('tells how much waits, and how long the oldest has waited', () => {
    const mailbox = new Mailbox();
    mailbox.post(letter([written('ADDED', 'a', 1)], 100));
    mailbox.post(letter([written('ADDED', 'b', 2), written('ADDED', 'c', 3)], 150));
    expect(mailbox.state(180)).toEqual({ length: 3, bytes: 300, oldestAgeMs: 80, coalesced: 0 });
    mailbox.take();
    expect(mailbox.state(180)).toEqual({ length: 2, bytes: 200, oldestAgeMs: 30, coalesced: 0 });
  });

  it('rule 18: what it coalesced comes in batches that a slow subscriber gets through', () => {
    const mailbox = new Mailbox({ events: 100, bytes: 1e9 });
    const names = Array.from({ length: 120 }, (_, i) => `n${i}`);
    for (const [i, name] of names.entries()) mailbox.post(letter([written('ADDED', name, i + 1)]));
    const sizes: number[] = [];
    const seen: string[] = [];
    for (let next = mailbox.take(); next !== undefined; next = mailbox.take()) {
      if (next.kind !== 'events') continue;
      sizes.push(next.events.length);
      seen.push(...next.events.map(short));
    }
    expect(Math.max(...sizes)).toBe(50);
    expect(seen).toEqual(names.map((name, i) => `ADDED ${name}@${i + 1}`));
    expect(mailbox.state(0)).toEqual({ length: 0, bytes: 0, oldestAgeMs: 0, coalesced: 0 });
  });

  it('rule 18: beyond its limit it keeps the latest state of each object and counts what was left out', () => {
    const mailbox = new Mailbox({ events: 4, bytes: 1e9 });
    mailbox.post(letter([written('ADDED', 'a', 1), written('MODIFIED', 'a', 2)]));
    mailbox.post(
      letter([written('ADDED', 'b', 3), written('MODIFIED', 'a', 4), written('MODIFIED', 'b', 5)]),
    );
    expect(mailbox.state(0)).toMatchObject({ length: 2, coalesced: 3 });
    expect(drained(mailbox).map(short)).toEqual(['MODIFIED a@4', 'MODIFIED b@5']);
  });

  it('rule 18: a deletion and what was added after it are kept apart', () => {
    const mailbox = new Mailbox({ events: 3, bytes: 1e9 });
    mailbox.post(
      letter([
        written('MODIFIED', 'a', 1),
        written('DELETED', 'a', 2),
        written('ADDED', 'a', 3, 'other'),
        written('MODIFIED', 'a', 4, 'other'),
      ]),
    );
    expect(drained(mailbox).map(short)).toEqual(['DELETED a@2', 'MODIFIED a@4']);
  });

  it('rule 18: the number of bytes is bounded as well', () => {
    const mailbox = new Mailbox({ events: 1e9, bytes: 250 });
    for (let version = 1; version <= 10; version++) mailbox.post(letter([written('MODIFIED', 'a', version)]));
    expect(mailbox.state(0).bytes).toBeLessThanOrEqual(250);
    expect(drained(mailbox).map(short).at(-1)).toBe('MODIFIED a@10');
  });

  it('rule 21: a late event, older than what waits already, does not take its place', () => {
    const mailbox = new Mailbox({ events: 3, bytes: 1e9 });
    mailbox.post(
      letter([
        written('MODIFIED', 'a', 8),
        written('MODIFIED', 'a', 10),
        written('MODIFIED', 'a', 9),
        written('DELETED', 'a', 7),
        written('MODIFIED', 'b', 11),
      ]),
    );
    expect(drained(mailbox).map(short)).toEqual(['MODIFIED a@10', 'MODIFIED b@11']);
    expect(mailbox.state(0).coalesced).toBe(3);
  });

  it('rule 21: a late deletion does not take the place of a later one', () => {
    const mailbox = new Mailbox({ events: 2, bytes: 1e9 });
    mailbox.post(
      letter([written('MODIFIED', 'a', 8), written('DELETED', 'a', 9), written('DELETED', 'a', 3)]),
    );
    expect(drained(mailbox).map(short)).toEqual(['DELETED a@9']);
  });

  it('keeps the newest bookmark where it stands', () => {
    const mailbox = new Mailbox({ events: 3, bytes: 1e9 });
    const bookmark = (resourceVersion: string): Event => ({ type: 'BOOKMARK', resourceVersion });
    mailbox.post(letter([bookmark('5'), written('ADDED', 'a', 6), bookmark('7'), written('ADDED', 'b', 8)]));
    expect(drained(mailbox).map(short)).toEqual(['ADDED a@6', 'BOOKMARK', 'ADDED b@8']);
  });

  it('forgets what waits before a complete list, which says it all', () => {
    const mailbox = new Mailbox();
    mailbox.post(letter([written('ADDED', 'a', 1)]));
    mailbox.post({ kind: 'list', list: undefined as never, resourceVersion: '9', arrivedAt: 0 });
    mailbox.post(letter([written('ADDED', 'b', 10)]));
    expect(mailbox.take()?.kind).toBe('list');
    expect(drained(mailbox).map(short)).toEqual(['ADDED b@10']);
    expect(mailbox.state(0).coalesced).toBe(1);
  });

  it('never holds more than its limit or twice the number of objects, and ends in the same contents', () => {
    const operation = fc.record({
      type: fc.constantFrom<'MODIFIED' | 'DELETED'>('MODIFIED', 'DELETED'),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      uid: fc.constantFrom('u1', 'u2'),
      /** How much older than it should be: only what is there can be sent too late. */
      late: fc.constantFrom(0, 0, 0, 2, 7),
    });
    fc.assert(
      fc.property(fc.array(fc.array(operation, { maxLength: 6 }), { maxLength: 40 }), (batches) => {
        const mailbox = new Mailbox({ events: 10, bytes: 1e9 });
        let version = 0;
        let direct = emptySnapshot<KubernetesObject>({ numKeys: 2 });
        for (const batch of batches) {
          const events = batch.map(({ type, name, uid, late }) => {
            const age = direct.find('shop', name) === undefined ? 0 : late;
            const event = written(type, name, Math.max(1, ++version - age), uid);
            direct = reduce(direct, event).snapshot;
            return event;
          });
          mailbox.post(letter(events));
          expect(mailbox.state(0).length).toBeLessThanOrEqual(10 + 2 * 4 * 2);
        }
        const { length, coalesced } = mailbox.state(0);
        expect(length + coalesced).toBe(version);
        let behind = emptySnapshot<KubernetesObject>({ numKeys: 2 });
        for (const event of drained(mailbox)) behind = reduce(behind, event).snapshot;
        expect(behind.list()).toEqual(direct.list());
      }),
    );
  });
});
