import { describe, expect, it } from 'vitest';
import { recordedEvents, TAPE } from './recorded-events.ts';

const pod = (name: string, more: object = {}) => ({
  kind: 'Pod',
  metadata: { namespace: 'shop', name, ...more },
});
const resources = { pods: 'v1/pods' };

describe('a run that is written down', () => {
  it('gets what it leaves out: an empty list, times a second apart, uids, versions', () => {
    const { turns } = recordedEvents({
      resources,
      events: [
        { resource: 'pods', type: 'ADDED', object: pod('a') },
        { resource: 'pods', type: 'MODIFIED', object: pod('a') },
        { resource: 'pods', type: 'DELETED', object: pod('a') },
        { resource: 'pods', type: 'ADDED', object: pod('a'), time: '2026-01-01T01:00:00Z' },
      ],
    })[TAPE];
    expect(turns.map(({ time, sequence }) => [new Date(time).toISOString().slice(11, 19), sequence])).toEqual(
      [
        ['00:00:00', 0],
        ['00:00:00', 1],
        ['00:00:01', 2],
        ['00:00:02', 3],
        ['01:00:00', 4],
      ],
    );
    expect(turns.flatMap(({ events }) => events)).toMatchObject([
      { type: 'LISTED', objects: [] },
      { object: { apiVersion: 'v1', metadata: { uid: 'a-1', resourceVersion: '2' } } },
      { object: { metadata: { uid: 'a-1', resourceVersion: '3' } } },
      { object: { metadata: { uid: 'a-1' } } },
      { object: { metadata: { uid: 'a-4' } } },
    ]);
  });

  it('begins with the list that it has', () => {
    const { turns } = recordedEvents({
      resources,
      events: [
        { resource: 'pods', type: 'REPLACED', objects: [pod('a', { uid: 'u' })], resourceVersion: '9' },
      ],
    })[TAPE];
    expect(turns).toMatchObject([
      { sequence: 1, events: [{ objects: [{ metadata: { uid: 'u' } }], resourceVersion: '9' }] },
    ]);
  });

  it('is refused where it cannot have happened', () => {
    const of =
      (...events: Parameters<typeof recordedEvents>[0]['events'][number][]) =>
      () =>
        recordedEvents({ resources, events });
    expect(of({ resource: 'pods', type: 'MODIFIED', object: pod('a') })).toThrow(
      expect.objectContaining({
        code: 'INVALID_EVENT',
        message: expect.stringContaining('Event 1: shop/a is MODIFIED, and is not there'),
      }),
    );
    const added = { resource: 'pods', type: 'ADDED', object: pod('a') } as const;
    expect(of(added, added)).toThrow(/Event 2: shop\/a is ADDED, and is there already/);
    expect(
      of(
        { resource: 'pods', type: 'REPLACED', objects: [pod('a')] },
        { resource: 'pods', type: 'REPLACED', objects: [] },
        { resource: 'pods', type: 'DELETED', object: pod('a') },
      ),
    ).toThrow(/is not there/);
    expect(of({ ...added, object: { metadata: {} } })).toThrow(/no metadata\.name/);
    expect(of({ ...added, resource: 'nodes' })).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
    expect(of({ ...added, time: 'soon' })).toThrow(expect.objectContaining({ code: 'INVALID_MOMENT' }));
    expect(() => recordedEvents({ resources: { pods: 'pods' }, events: [] })).toThrow(
      expect.objectContaining({ code: 'INVALID_GVR' }),
    );
  });
});
