import { parseGvr } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FormatOptions, type FoundOfType, formatResources } from './format-resources.ts';

const cart = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'shop',
    name: 'cart',
    uid: 'u1',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
};
const evil = { ...cart, metadata: { namespace: 'shop', name: 'x\u001b[2J' } };

const ingresses = { gvr: parseGvr('networking.k8s.io/v1/ingresses'), kind: 'Ingress', namespaced: true };
const services = { gvr: parseGvr('v1/services'), kind: 'Service', namespaced: true };

function format(
  { resource = ingresses, ...options }: Partial<FormatOptions & Pick<FoundOfType, 'resource'>>,
  found: readonly object[] = [cart, evil],
): string {
  return formatAll([{ resource, found }], options);
}

function formatAll(groups: readonly FoundOfType[], options: Partial<FormatOptions> = {}): string {
  return formatResources(groups, {
    format: 'table',
    single: false,
    color: false,
    width: undefined,
    now: Date.parse('2026-01-03T00:00:00Z'),
    ...options,
  });
}

describe('formatResources', () => {
  it('prints a table with ages, control characters made visible', () => {
    expect(format({})).toBe(
      'NAMESPACE  NAME        AGE\nshop       cart        2d\nshop       x\\u001b[2J\n',
    );
  });

  it('leaves out the namespace where there is none, and adds columns for wide', () => {
    const resource = { gvr: parseGvr('v1/nodes'), kind: 'Node', namespaced: false };
    expect(format({ resource, format: 'wide' }, [cart])).toBe(
      'NAME  AGE  RESOURCEVERSION  UID\ncart  2d   7                u1\n',
    );
  });

  it('prints a table for each of several types, with names that say the type, and one list', () => {
    const service = { kind: 'Service', metadata: { namespace: 'shop', name: 'web' } };
    const groups = [
      { resource: ingresses, found: [cart] },
      { resource: { ...services, gvr: parseGvr('v1/pods') }, found: [] },
      { resource: services, found: [service] },
    ];
    expect(formatAll(groups)).toBe(
      [
        'NAMESPACE  NAME                            AGE',
        'shop       ingress.networking.k8s.io/cart  2d',
        '',
        'NAMESPACE  NAME         AGE',
        'shop       service/web',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(formatAll(groups, { format: 'json' }))).toMatchObject({ items: [cart, service] });
    expect(formatAll(groups, { format: 'name' })).toBe('ingress.networking.k8s.io/cart\nservice/web\n');
  });

  it('prints names as kubectl takes them', () => {
    expect(format({ format: 'name' }, [cart])).toBe('ingress.networking.k8s.io/cart\n');
  });

  it('prints one alone, several as a list, none as an empty list', () => {
    expect(JSON.parse(format({ format: 'json', single: true }, [cart]))).toEqual(cart);
    expect(JSON.parse(format({ format: 'json' }))).toMatchObject({ kind: 'List', items: [cart, evil] });
    expect(parse(format({ format: 'yaml' }))).toMatchObject({ kind: 'List', items: [cart, evil] });
    expect(JSON.parse(format({ format: 'json' }, []))).toMatchObject({ items: [] });
    expect(format({}, [])).toBe('');
  });

  it('quotes in YAML what kubectl, which reads YAML 1.1, would not take for text', () => {
    const data = Object.fromEntries(
      ['on', 'yes', 'n', 'Y', 'off', '1_000', '0b11', '0o7', '010', '12:30:45', '2026-01-01', '~', '=', '<<']
        .flatMap((text) => [text, `${text} and more`])
        .map((text) => [text, text]),
    );
    const text = format({ format: 'yaml', single: true }, [{ kind: 'ConfigMap', data }]);
    expect(parse(text, { version: '1.1', merge: false })).toEqual({ kind: 'ConfigMap', data });
    expect(parse(text)).toEqual({ kind: 'ConfigMap', data });
    expect(format({ format: 'yaml', single: true }, [cart])).toContain(
      'creationTimestamp: "2026-01-01T00:00:00Z"',
    );
  });

  it('fits a terminal', () => {
    for (const line of format({ width: 20 }).trimEnd().split('\n'))
      expect(line.length).toBeLessThanOrEqual(20);
  });
});
