import { describe, expect, it } from 'vitest';
import { strategicMergePatch } from './strategic-merge-patch.ts';

describe('strategicMergePatch', () => {
  const target = {
    containers: [
      { name: 'a', image: 'a:1', ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { name: 'b', image: 'b:1' },
    ],
    args: ['x'],
  };

  it.each<[string, unknown, unknown]>([
    [
      'merges the items of a keyed list',
      { containers: [{ name: 'b', image: 'b:2' }] },
      { containers: [target.containers[0], { name: 'b', image: 'b:2' }], args: ['x'] },
    ],
    [
      'puts new items before those that it does not name',
      { containers: [{ name: 'c' }] },
      { containers: [{ name: 'c' }, ...target.containers], args: ['x'] },
    ],
    [
      'leaves items that are there where they are, also if it names one twice',
      { containers: [{ name: 'b', x: 1 }, { name: 'b', y: 2 }, { name: 'c' }] },
      {
        containers: [target.containers[0], { ...target.containers[1], x: 1, y: 2 }, { name: 'c' }],
        args: ['x'],
      },
    ],
    [
      'deletes items',
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [target.containers[1]], args: ['x'] },
    ],
    [
      'replaces a list',
      { containers: [{ $patch: 'replace' }, { name: 'z' }] },
      { containers: [{ name: 'z' }], args: ['x'] },
    ],
    ['replaces lists without keys', { args: ['y'] }, { ...target, args: ['y'] }],
    ['removes by null', { args: null }, { containers: target.containers }],
    ['replaces an object', { $patch: 'replace', args: [] }, { args: [] }],
    ['keeps only the named fields', { $retainKeys: ['args'] }, { args: ['x'] }],
  ])('%s', (_, patch, expected) => {
    expect(strategicMergePatch(target, patch)).toEqual(expected);
  });

  it('merges nested keyed lists, by the key that their items have', () => {
    const patch = {
      containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'web' }, { containerPort: 81 }] }],
    };
    const merged = strategicMergePatch(target, patch) as typeof target;
    expect(merged.containers[0]?.ports).toEqual([
      { containerPort: 80, protocol: 'TCP', name: 'web' },
      { containerPort: 81 },
    ]);
    const service = strategicMergePatch(
      { ports: [{ port: 80, name: 'a' }] },
      { ports: [{ port: 80, targetPort: 8080 }] },
    );
    expect(service).toEqual({ ports: [{ port: 80, name: 'a', targetPort: 8080 }] });
  });

  it('orders lists, and takes single values out of them', () => {
    const patch = {
      $setElementOrder: [],
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      '$deleteFromPrimitiveList/finalizers': ['x'],
    };
    const merged = strategicMergePatch({ ...target, finalizers: ['x', 'y'] }, patch) as typeof target & {
      finalizers: string[];
    };
    expect(merged.containers.map((container) => container.name)).toEqual(['b', 'a']);
    expect(merged.finalizers).toEqual(['y']);
  });

  it('leaves directives and nulls out of what is new', () => {
    expect(strategicMergePatch({}, { spec: { a: null, b: { $patch: 'replace', c: 1 } } })).toEqual({
      spec: { b: { c: 1 } },
    });
  });
});
