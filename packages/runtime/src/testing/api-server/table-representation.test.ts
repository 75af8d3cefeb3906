import { describe, expect, it } from 'vitest';
import { defineResourceType } from './resource-type.ts';
import { storeObject } from './stored-object.ts';
import { TableRepresentation } from './table-representation.ts';

describe('TableRepresentation', () => {
  const type = defineResourceType({ gvr: 'v1/configmaps', kind: 'ConfigMap' });

  it('names the columns once in a watch', () => {
    const table = new TableRepresentation(type, Date.parse('2026-01-01T00:01:00Z'));
    const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };
    const stored = storeObject(type, { metadata }, { number: 3, text: '3' });
    const [first, second] = [0, 1].map(() => JSON.parse(Buffer.concat(table.object(stored)).toString()));
    expect(first.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Age']);
    expect(second.columnDefinitions).toBeNull();
    expect(second).toMatchObject({
      kind: 'Table',
      metadata: { resourceVersion: '3' },
      rows: [{ cells: ['a', '60s'] }],
    });
  });
});
