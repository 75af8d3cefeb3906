/** Owns the failures that the API server answers with: `Status` objects. */
import { FirnError } from '@firn/core';
import { reasonOf } from '../../transport/kubernetes-status.ts';
import { formatGroupResource, type ResourceType } from './resource-type.ts';

/** One cause in the details of a `Status`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The details of a `Status`. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A Kubernetes `Status` object. */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** What makes a failing `Status`; the reason follows from the code where it is left out. */
export interface StatusOptions {
  readonly code: number;
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly continue?: string;
}

/** Builds the `Status` of a failure. */
export function failureStatus(options: StatusOptions): StatusBody {
  const reason = options.reason ?? reasonOf(options.code);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: options.continue === undefined ? {} : { continue: options.continue },
    status: 'Failure',
    message: options.message,
    ...(reason !== '' && { reason }),
    ...(options.details && { details: options.details }),
    code: options.code,
  };
}

/** A request that the server refuses; `status` is what it answers. */
export class StatusError extends FirnError {
  readonly status: StatusBody;

  constructor(options: StatusOptions) {
    const status = failureStatus(options);
    super(options.message, { code: status.reason ?? 'Unknown', retryable: options.code >= 500 });
    this.status = status;
  }
}

function detailsOf(type: ResourceType, name: string): StatusDetails {
  return {
    ...(name !== '' && { name }),
    ...(type.group !== '' && { group: type.group }),
    kind: type.resource,
  };
}

function listCauses(causes: readonly StatusCause[]): string {
  const shown = causes.map((cause) => `${cause.field}: ${cause.message}`);
  return shown.length === 1 ? `${shown[0]}` : `[${shown.join(', ')}]`;
}

/** 404 for one object. */
export function notFound(type: ResourceType, name: string): StatusError {
  return new StatusError({
    code: 404,
    message: `${formatGroupResource(type)} ${JSON.stringify(name)} not found`,
    details: detailsOf(type, name),
  });
}

/** 404 for a path that names no resource type. */
export function noSuchResource(): StatusError {
  return new StatusError({
    code: 404,
    message: 'the server could not find the requested resource',
    details: {},
  });
}

/** 405. */
export function methodNotAllowed(
  message = 'the server does not allow this method on the requested resource',
): StatusError {
  return new StatusError({
    code: 405,
    message,
    details: {},
  });
}

/** 409 for an object that is there already. */
export function alreadyExists(type: ResourceType, name: string): StatusError {
  return new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${formatGroupResource(type)} ${JSON.stringify(name)} already exists`,
    details: detailsOf(type, name),
  });
}

/** 409 for an update, patch or delete whose precondition does not hold. */
export function conflict(type: ResourceType, name: string, why: string): StatusError {
  return new StatusError({
    code: 409,
    message: `Operation cannot be fulfilled on ${formatGroupResource(type)} ${JSON.stringify(name)}: ${why}`,
    details: detailsOf(type, name),
  });
}

/** 409 for an update that was made from an older version of the object. */
export function outdated(type: ResourceType, name: string): StatusError {
  return conflict(
    type,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** 422 for parameters of a request that do not go together; `kind` names them, such as `ListOptions`. */
export function invalidOptions(kind: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError({
    code: 422,
    message: `${kind}.meta.k8s.io "" is invalid: ${listCauses(causes)}`,
    details: { group: 'meta.k8s.io', kind, causes },
  });
}

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, message });
}

/** 422 for an object with wrong fields. */
export function invalid(type: ResourceType, name: string, causes: readonly StatusCause[]): StatusError {
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  return new StatusError({
    code: 422,
    message: `${kind} ${JSON.stringify(name)} is invalid: ${listCauses(causes)}`,
    details: {
      ...(name !== '' && { name }),
      ...(type.group !== '' && { group: type.group }),
      kind: type.kind,
      causes,
    },
  });
}
