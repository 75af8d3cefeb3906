/** Owns the URL paths of resources: needs no discovery. */
import { ConfigError, type GroupVersionResource } from '@firn/core';
import { visibleText } from '../visible-text.ts';

/** Which path of a resource type is meant. */
export interface ResourcePathOptions {
  /** Empty or left out: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string | undefined;
  /** Left out: the collection. */
  readonly name?: string | undefined;
  /** Whether the resource type has namespaces; left out: it has if a namespace is given. */
  readonly namespaced?: boolean | undefined;
}

function segment(text: string, what: string): string {
  if (text === '.' || text === '..' || /[/%]/.test(text)) {
    throw new ConfigError(
      `${JSON.stringify(visibleText(text, 80))} cannot be a ${what}. Kubernetes names contain neither / nor %, and are not . or ..`,
      { code: 'INVALID_NAME' },
    );
  }
  return encodeURIComponent(text);
}

/**
 * The path of a collection or of one object.
 *
 * @throws {ConfigError} `INVALID_NAME`; `NAMESPACE_NOT_ALLOWED` for a namespace of a cluster-scoped type;
 * `NAMESPACE_REQUIRED` for one object of a namespaced type without a namespace.
 * @example
 * ```ts
 * resourcePath(parseGvr('v1/secrets'), { namespace: 'shop', name: 'tls' }) // '/api/v1/namespaces/shop/secrets/tls'
 * resourcePath(parseGvr('networking.k8s.io/v1/ingresses'))                 // '/apis/networking.k8s.io/v1/ingresses'
 * ```
 */
export function resourcePath(gvr: GroupVersionResource, options: ResourcePathOptions = {}): string {
  const { namespace = '', name, namespaced = namespace !== '' } = options;
  if (!namespaced && namespace !== '') {
    throw new ConfigError(`${gvr.resource} are not in namespaces. Leave the namespace out.`, {
      code: 'NAMESPACE_NOT_ALLOWED',
    });
  }
  if (namespaced && namespace === '' && name !== undefined) {
    throw new ConfigError(
      `${gvr.resource} are in namespaces. Say in which one ${visibleText(name, 80)} is.`,
      {
        code: 'NAMESPACE_REQUIRED',
      },
    );
  }
  const root = gvr.group === '' ? `/api/${gvr.version}` : `/apis/${gvr.group}/${gvr.version}`;
  const scope = namespace === '' ? '' : `/namespaces/${segment(namespace, 'namespace')}`;
  const object = name === undefined ? '' : `/${segment(name, 'name')}`;
  return `${root}${scope}/${gvr.resource}${object}`;
}
