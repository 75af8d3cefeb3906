/** Owns field selectors as the API takes them in a query. */
import type { ResourceType } from './resource-type.ts';
import { badRequest } from './status-error.ts';
import type { StoredObject } from './stored-object.ts';

/** Whether an object is selected. */
export type FieldSelector = (object: StoredObject) => boolean;

const TERM = /^([^=!]+?)(=|==|!=)((?:\\.|[^\\=,])*)$/s;

function reader(type: ResourceType, path: string): (object: StoredObject) => string {
  if (path === 'metadata.name' || (path === 'name' && type.selectableFields.includes('name')))
    return (object) => object.name;
  if (path === 'metadata.namespace' && (type.namespaced || type.builtIn)) return (object) => object.namespace;
  const index = type.selectableFields.findIndex((field) => field.replace(/^\./, '') === path);
  if (index < 0) throw badRequest(`field label not supported: ${path.slice(0, 100)}`);
  return (object) => object.fields[index] ?? '';
}

function unescapeValue(escaped: string): string {
  if (/\\(?![\\,=])/.test(escaped.replaceAll(/\\[\\,=]/g, '')))
    throw badRequest('invalid field selector: invalid escape sequence');
  return escaped.replace(/\\([\\,=])/g, '$1');
}

function parseTerm(type: ResourceType, text: string): FieldSelector {
  const term = TERM.exec(text);
  if (!term) {
    throw badRequest(`invalid selector: '${text.slice(0, 100)}'; can't understand '${text.slice(0, 100)}'`);
  }
  const [, path = '', operator, escaped = ''] = term;
  const value = unescapeValue(escaped);
  const read = reader(type, path);
  return (object) => (read(object) === value) === (operator !== '!=');
}

/**
 * Parses a field selector for a resource type; an empty one selects everything and is undefined.
 *
 * @throws {StatusError} 400 when it cannot be parsed or names a field that cannot be selected by.
 */
export function parseFieldSelector(type: ResourceType, text: string | undefined): FieldSelector | undefined {
  if (text === undefined || text === '') return undefined;
  // A comma separates terms unless a backslash stands before it.
  const parts = text.match(/(?:\\.|\\$|[^\\,])+/gs) ?? [];
  const terms = parts.map((part) => parseTerm(type, part));
  return (object) => terms.every((matches) => matches(object));
}
