/** Owns the behaviour of the resource client that tests give to stores. */
import { describe, expect, it } from 'vitest';
import { createFakeClient } from './fake-client.ts';

const GVR = { group: '', version: 'v1', resource: 'secrets' };

function secret(name: string, resourceVersion = '5', namespace = 'shop') {
  return { metadata: { namespace, name, resourceVersion } };
}

describe('a fake client', () => {
  it('gives copies of what it was given, and nothing of what is gone', async () => {
    const given = secret('a');
    const client = createFakeClient([given]);
    given.metadata.name = 'edited';
    const one = await client.get(GVR, { namespace: 'shop', name: 'a' });
    expect(one).toEqual(secret('a'));
    expect(await client.get(GVR, { namespace: 'shop', name: 'a' })).not.toBe(one);
    client.remove({ namespace: 'shop', name: 'a' });
    expect(await client.get(GVR, { namespace: 'shop', name: 'a' })).toBe(undefined);
    client.set(secret('a', '7'));
    expect(await client.get(GVR, { namespace: 'shop', name: 'a' })).toEqual(secret('a', '7'));
  });

  it('notes what it was asked', async () => {
    const client = createFakeClient();
    await client.get(GVR, { namespace: 'shop', name: 'a' });
    await client.list(GVR, {});
    expect(client.calls).toMatchObject([
      { verb: 'get', gvr: GVR, namespace: 'shop', name: 'a' },
      { verb: 'list', gvr: GVR, namespace: '' },
    ]);
  });

  it('lists one namespace or all, in pages, at the newest version of what it lists', async () => {
    const client = createFakeClient([
      secret('a', '9'),
      secret('b', '10'),
      secret('c', '8'),
      secret('d', '99', 'bank'),
    ]);
    const first = await client.list(GVR, { namespace: 'shop', limit: 2 });
    expect([first.items.length, first.resourceVersion]).toEqual([2, '10']);
    const second = await client.list(GVR, { namespace: 'shop', limit: 2, continue: first.continue });
    expect(second).toEqual({ items: [secret('c', '8')], resourceVersion: '10' });
    expect((await client.list(GVR, {})).items).toHaveLength(4);
  });

  it('refuses so many calls, of one name if that is given', async () => {
    const client = createFakeClient([secret('a'), secret('b')]);
    const ask = (name: string) => client.get(GVR, { namespace: 'shop', name });
    client.fail({ code: 429, retryAfterSeconds: 3 }, { times: 1, name: 'a' });
    expect(await ask('b')).toEqual(secret('b'));
    await expect(ask('a')).rejects.toMatchObject({ code: 429, retryAfterSeconds: 3 });
    expect(await ask('a')).toEqual(secret('a'));
    const heal = client.fail(new Error('down'));
    await expect(ask('a')).rejects.toThrow('down');
    await expect(client.list(GVR, {})).rejects.toThrow('down');
    heal();
    expect(await ask('a')).toEqual(secret('a'));
  });

  it('holds answers back, and then gives what there was when it was asked', async () => {
    const client = createFakeClient([secret('a', '5')]);
    const release = client.hold();
    const answer = client.get(GVR, { namespace: 'shop', name: 'a' });
    client.set(secret('a', '6'));
    expect(client.pending).toBe(1);
    release();
    expect(await answer).toEqual(secret('a', '5'));
    expect(client.pending).toBe(0);
  });

  it('rejects what is called off, before or while it waits', async () => {
    const client = createFakeClient([secret('a')]);
    client.hold();
    const abort = new AbortController();
    const { signal } = abort;
    const answer = client.get(GVR, { namespace: 'shop', name: 'a' }, { signal });
    abort.abort(new Error('called off'));
    await expect(answer).rejects.toThrow('called off');
    await expect(client.list(GVR, {}, { signal })).rejects.toThrow('called off');
    expect(client.pending).toBe(0);
  });

  it('refuses an object without a name', () => {
    expect(() => createFakeClient([{ metadata: {} }])).toThrow(TypeError);
  });
});
