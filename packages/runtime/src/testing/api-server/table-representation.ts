/** Owns tables as kubectl prints them: name and age. */
import { formatAge } from './format-age.ts';
import type { Representation } from './representation.ts';
import type { ResourceType } from './resource-type.ts';
import type { ApiObject, StoredObject } from './stored-object.ts';

const COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the object', priority: 0 },
  { name: 'Age', type: 'string', format: '', description: 'Time since the object was created', priority: 0 },
];

/** Objects as the rows of a table. */
export class TableRepresentation implements Representation {
  readonly cacheKey = '';
  readonly list: Representation['list'] = {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    members: `"columnDefinitions":${JSON.stringify(COLUMNS)},`,
    items: 'rows',
  };
  readonly #type: ResourceType;
  readonly #now: number;
  #columnsSent = false;

  constructor(type: ResourceType, now: number) {
    this.#type = type;
    this.#now = now;
  }

  object(stored: StoredObject): readonly Uint8Array[] {
    const { resourceVersion } = this.#metadata(stored);
    // A watch names the columns once.
    const columnDefinitions = this.#columnsSent ? null : COLUMNS;
    this.#columnsSent = true;
    const table = {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion },
      columnDefinitions,
      rows: [this.#row(stored)],
    };
    return [Buffer.from(JSON.stringify(table))];
  }

  item(stored: StoredObject): readonly Uint8Array[] {
    return [Buffer.from(JSON.stringify(this.#row(stored)))];
  }

  bookmark(resourceVersion: string, annotations: Readonly<Record<string, string>> | undefined): string {
    const metadata = { resourceVersion, ...(annotations && { annotations }) };
    return JSON.stringify({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion },
      columnDefinitions: null,
      rows: [
        {
          cells: ['', ''],
          object: { kind: this.#type.kind, apiVersion: this.#type.apiVersion, metadata },
        },
      ],
    });
  }

  #metadata(stored: StoredObject): ApiObject['metadata'] {
    const text = stored.body.subarray(0, stored.metadataEnd).toString();
    return (JSON.parse(`{${text}}`) as ApiObject).metadata;
  }

  #row(stored: StoredObject): object {
    const metadata = this.#metadata(stored);
    const created = Date.parse(metadata.creationTimestamp ?? '');
    const age = Number.isNaN(created) ? '<unknown>' : formatAge(this.#now - created);
    return {
      cells: [stored.name, age],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
    };
  }
}
