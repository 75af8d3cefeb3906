/** Owns JSON patch (RFC 6902). */
import { isDeepStrictEqual } from 'node:util';
import { badRequest, StatusError } from './status-error.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

type Container = Record<string, unknown> | unknown[];

function failed(message: string): StatusError {
  return new StatusError({
    code: 422,
    message: `the server rejected our request due to an error in our request: ${message}`,
  });
}

function tokens(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw failed('a path does not begin with a slash');
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return parent[arrayIndex(parent, token, parent.length - 1)];
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, token))
    return (parent as Record<string, unknown>)[token];
  throw failed('a path does not exist');
}

function arrayIndex(array: readonly unknown[], token: string, last: number): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : Number.NaN;
  if (!(index <= last)) throw failed(`an array of ${array.length} has no place for this index`);
  return index;
}

function locate(root: unknown, pointer: string): { parent: Container; token: string } {
  const path = tokens(pointer);
  const token = path.pop();
  if (token === undefined) throw failed('the whole document cannot be replaced');
  const parent = path.reduce(child, root);
  if (typeof parent !== 'object' || parent === null) throw failed('a path does not exist');
  return { parent: parent as Container, token };
}

function setMember(target: Record<string, unknown>, name: string, value: unknown): void {
  // Defined, not assigned: `__proto__` is data.
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

function add(root: unknown, pointer: string, value: unknown): void {
  const { parent, token } = locate(root, pointer);
  if (!Array.isArray(parent)) setMember(parent, token, value);
  else parent.splice(token === '-' ? parent.length : arrayIndex(parent, token, parent.length), 0, value);
}

function remove(root: unknown, pointer: string): unknown {
  const { parent, token } = locate(root, pointer);
  const removed = child(parent, token);
  if (Array.isArray(parent)) parent.splice(arrayIndex(parent, token, parent.length - 1), 1);
  else delete parent[token];
  return removed;
}

// The real server's library takes a member that is not there for one that is null.
function memberOrNull(root: unknown, pointer: string): unknown {
  if (pointer === '') return root;
  const { parent, token } = locate(root, pointer);
  return Array.isArray(parent) || Object.hasOwn(parent, token) ? child(parent, token) : null;
}

function replace(root: unknown, pointer: string, value: unknown): void {
  const { parent, token } = locate(root, pointer);
  if (Array.isArray(parent)) parent[arrayIndex(parent, token, parent.length - 1)] = value;
  else setMember(parent, token, value);
}

function apply(root: unknown, operation: Operation): void {
  const { op, path, from = '', value } = operation;
  switch (op) {
    case 'add':
      add(root, path, structuredClone(value));
      break;
    case 'remove':
      remove(root, path);
      break;
    case 'replace':
      replace(root, path, structuredClone(value));
      break;
    case 'move':
      add(root, path, remove(root, from));
      break;
    case 'copy':
      add(root, path, structuredClone(tokens(from).reduce(child, root)));
      break;
    case 'test':
      if (!isDeepStrictEqual(memberOrNull(root, path), value)) throw failed('a test failed');
      break;
    default:
      throw failed(`unknown JSON patch operation ${JSON.stringify(String(op).slice(0, 32))}`);
  }
}

/**
 * Gives the target with the operations applied; the target itself stays as it is.
 *
 * @throws {StatusError} 400 when this is no JSON patch, 422 when an operation cannot be applied.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is an array of operations');
  const patched = structuredClone(target);
  for (const operation of patch as Operation[]) {
    if (typeof operation?.path !== 'string') throw failed('an operation of a JSON patch has no path');
    apply(patched, operation);
  }
  return patched;
}
