/** Owns what the query and the options of a request that writes mean, and which are refused. */
import type { ApiRequest } from './api-request.ts';
import { invalidOptions, type StatusCause } from './status-error.ts';

/** The kinds of request that write. */
export type WriteKind = 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deletecollection';

/** The body of a delete. */
export interface DeleteBody {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: unknown;
  readonly propagationPolicy?: unknown;
}

const NAMES: Readonly<Record<WriteKind, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  apply: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};
const LONGEST_MANAGER = 128;
const POLICIES = ['Foreground', 'Background', 'Orphan'];

function refuse(kind: string, cause: StatusCause): never {
  throw invalidOptions(NAMES[kind as WriteKind], [cause]);
}

/** @throws {StatusError} 422 when it is asked for something else than a dry run of everything. */
export function isDryRun({ query, kind }: ApiRequest, options?: DeleteBody): boolean {
  const asked = query.dryRun ?? (Array.isArray(options?.dryRun) ? options.dryRun[0] : undefined);
  if (asked === undefined) return false;
  if (asked === 'All') return true;
  const message = `Unsupported value: ${JSON.stringify([asked])}: supported values: "All"`;
  return refuse(kind, { reason: 'FieldValueNotSupported', message, field: 'dryRun' });
}

/** @throws {StatusError} 422 for the name of a manager that is too long, and for force where nothing is applied. */
export function checkWriteOptions({ query }: ApiRequest, kind: WriteKind): void {
  if ((query.fieldManager ?? '').length > LONGEST_MANAGER) {
    const message = `Too long: may not be more than ${LONGEST_MANAGER} bytes`;
    refuse(kind, { reason: 'FieldValueTooLong', message, field: 'fieldManager' });
  }
  if (kind === 'patch' && query.force !== undefined) {
    const message = 'Forbidden: may not be specified for non-apply patch';
    refuse(kind, { reason: 'FieldValueForbidden', message, field: 'force' });
  }
}

/** @throws {StatusError} 422 for a propagation policy that is none. */
export function checkDeleteBody({ query, kind }: ApiRequest, body: DeleteBody): void {
  const policy = body.propagationPolicy ?? query.propagationPolicy;
  if (policy === undefined || POLICIES.includes(policy as string)) return;
  const supported = [...POLICIES, 'nil'].map((name) => JSON.stringify(name)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
  refuse(kind, { reason: 'FieldValueNotSupported', message, field: 'propagationPolicy' });
}
