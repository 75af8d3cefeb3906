import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideSecretChanges, hideSecrets } from './hide-secrets.ts';
import { formatWhatChanged, whatChanged } from './what-changed.ts';

describe('whatChanged', () => {
  it('names fields that changed, came and went, with their values', () => {
    const older = { spec: { replicas: 1, hosts: ['a', 'b'], old: true }, metadata: { name: 'x' } };
    const newer = {
      spec: { replicas: 3, hosts: ['a', 'c', 'd'] },
      metadata: { name: 'x', labels: { 'a/b': '1' } },
    };
    const changed = whatChanged(older, newer);
    expect(changed).toEqual({
      changes: [
        { path: 'spec.replicas', from: 1, to: 3 },
        { path: 'spec.hosts[1]', from: 'b', to: 'c' },
        { path: 'spec.hosts[2]', from: undefined, to: 'd' },
        { path: 'spec.old', from: true, to: undefined },
        { path: 'metadata.labels', from: undefined, to: { 'a/b': '1' } },
      ],
      more: false,
    });
    expect(formatWhatChanged(changed)).toBe(
      `spec.replicas: 1 → 3, spec.hosts[1]: "b" → "c", +spec.hosts[2]: "d", -spec.old, +metadata.labels['a/b']: "1"`,
    );
  });

  it.each([
    [{ loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } }, '+…loadBalancer.ingress[0].ip: "203.0.113.7"'],
    [{ loadBalancer: { ingress: [{ ip: 'a' }, { ip: 'b' }] } }, '+status.loadBalancer.ingress: [2]'],
    [{ phase: 'Active', conditions: [] }, '+status: {…}'],
    [{}, '+status: {…}'],
    ['done', '+status: "done"'],
  ])('goes down to the field that came, where there is just one: %j', (status, text) => {
    expect(formatWhatChanged(whatChanged({}, { status }))).toBe(text);
  });

  it('leaves out what changes with every write', () => {
    const older = { metadata: { resourceVersion: '1', managedFields: [1], generation: 1, annotations: {} } };
    const newer = {
      metadata: {
        resourceVersion: '2',
        managedFields: [2],
        generation: 2,
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
    };
    expect(formatWhatChanged(whatChanged(older, newer))).toBe('no visible difference');
    const without = { metadata: { ...older.metadata, annotations: undefined } };
    expect(whatChanged(without, newer).changes).toEqual([]);
    expect(whatChanged(newer, without).changes).toEqual([]);
  });

  it('stops at the limit and says that there is more', () => {
    const changed = whatChanged({}, Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, n])), 2);
    expect(changed).toMatchObject({ changes: [{ path: 'k0' }, { path: 'k1' }], more: true });
    expect(formatWhatChanged(changed)).toMatch(/, …$/);
  });

  it('shortens long paths at their beginning', () => {
    const at = (value: string): unknown => ({
      metadata: { annotations: { 'shop.example/rate-limit': value } },
      spec: { template: { spec: { containers: [{ image: value }] } } },
    });
    expect(formatWhatChanged(whatChanged(at('1'), at('2')))).toBe(
      `annotations['shop.example/rate-limit']: "1" → "2", …spec.containers[0].image: "1" → "2"`,
    );
  });

  it.each([
    [{ metadata: { labels: { 'app.kubernetes.io/version': 1 } } }, "labels['app.kubernetes.io/version']"],
    [
      { spec: { template: { metadata: { labels: { 'app.kubernetes.io/version': 1 } } } } },
      "…labels['app.kubernetes.io/version']",
    ],
    [{ spec: { aVeryLongFieldName: { anotherRatherLongList: [1] } } }, '…anotherRatherLongList[0]'],
    [
      { 'a-single-key.example/that-is-longer-than-any': 1 },
      "['a-single-key.example/that-is-longer-than-any']",
    ],
  ])('keeps the field that a key stands in: %j', (older, path) => {
    const newer = JSON.parse(JSON.stringify(older).replace(/1(?=[\]}])/, '2'));
    expect(formatWhatChanged(whatChanged(older, newer))).toBe(`${path}: 1 → 2`);
  });

  it('is bounded on a huge resource', () => {
    const huge = (n: number): unknown => ({ list: Array.from({ length: 50_000 }, () => ({ n: 1 })), n });
    expect(whatChanged(huge(1), huge(2)).more).toBe(true);
  });

  it('takes __proto__ as a field like any other, and shows control characters', () => {
    const newer = JSON.parse('{"__proto__": {"a": 1}, "x\\u001b[2J": "\\u001b[2J"}');
    const text = formatWhatChanged(whatChanged({}, newer));
    expect(text).toBe('+__proto__.a: 1, +[\'x\\u001b[2J\']: "\\u001b[2J"');
  });

  it('finds nothing exactly when two values are the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        if (same) expect(whatChanged({ a }, { a: b }).changes).toEqual([]);
        const changed = whatChanged({ a }, { a: b }, Number.POSITIVE_INFINITY).changes;
        if (changed.length === 0) expect(a).toEqual(b);
      }),
    );
  });
});

describe('hideSecrets', () => {
  const secret = {
    kind: 'Secret',
    metadata: {
      name: 's',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'p4ss', b: 'c' },
    },
    data: { password: 'p4ss' },
    stringData: { token: 'p4ss' },
  };

  it('keeps the keys of a Secret and hides every value', () => {
    const shown = hideSecrets(secret);
    expect(JSON.stringify(shown)).not.toContain('p4ss');
    expect(shown).toMatchObject({ data: { password: '(hidden)' }, metadata: { annotations: { b: 'c' } } });
    expect(secret.data.password).toBe('p4ss');
  });

  it('leaves any other resource as it is', () => {
    const configMap = { ...secret, kind: 'ConfigMap' };
    expect(hideSecrets(configMap)).toBe(configMap);
  });

  it('hides values in differences, whether a field or all of the data changed', () => {
    for (const newer of [
      { ...secret, data: { password: 'n3w' } },
      { ...secret, data: undefined },
    ]) {
      const hidden = hideSecretChanges(secret, whatChanged(secret, newer));
      expect(hidden.changes).toHaveLength(1);
      expect(formatWhatChanged(hidden)).not.toMatch(/p4ss|n3w/);
    }
  });

  it('hides what kubectl applied, whatever of the metadata came with it', () => {
    const bare = { kind: 'Secret', metadata: { name: 's' }, data: {} };
    for (const older of [bare, { kind: 'Secret' }]) {
      for (const [from, to] of [
        [older, secret],
        [secret, older],
      ]) {
        const hidden = hideSecretChanges(secret, whatChanged(from, to, Number.POSITIVE_INFINITY));
        expect(hidden.changes).not.toEqual([]);
        expect(JSON.stringify(hidden)).not.toContain('p4ss');
      }
    }
  });
});
