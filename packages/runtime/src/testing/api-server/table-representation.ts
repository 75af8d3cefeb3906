/** Owns tables as kubectl prints them: name and age. */
import type { ApiRequest } from './api-request.ts';
import { formatAge } from './format-age.ts';
import type { Representation } from './representation.ts';
import type { ResourceType } from './resource-type.ts';
import { badRequest } from './status-error.ts';
import { type ApiObject, readObject, type StoredObject } from './stored-object.ts';

const COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the object', priority: 0 },
  { name: 'Age', type: 'string', format: '', description: 'Time since the object was created', priority: 0 },
];

/** What the rows of a table carry of their objects. */
export type RowObject = 'Metadata' | 'Object' | 'None';

/** @throws {StatusError} 400 when the request asks for something else. */
export function readRowObject({ query }: ApiRequest): RowObject {
  const { includeObject = '' } = query;
  if (includeObject === '') return 'Metadata';
  if (includeObject === 'Metadata' || includeObject === 'Object' || includeObject === 'None')
    return includeObject;
  const supported = '"Metadata", "None", "Object"';
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Unsupported value: ${JSON.stringify(includeObject.slice(0, 64))}: supported values: ${supported}`,
  );
}

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
  readonly #rowObject: RowObject;
  #columnsSent = false;

  constructor(type: ResourceType, now: number, rowObject: RowObject = 'Metadata') {
    this.#type = type;
    this.#now = now;
    this.#rowObject = rowObject;
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
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
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
    return { cells: [stored.name, age], object: this.#objectOf(stored, metadata) };
  }

  #objectOf(stored: StoredObject, metadata: ApiObject['metadata']): object | null {
    if (this.#rowObject === 'None') return null;
    if (this.#rowObject === 'Object') return readObject(this.#type, stored);
    return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  }
}
