/** Owns the name of a resource type: group, version, plural. */
import { ConfigError } from './errors.ts';

/** Group, version and plural of a resource type; the core group is `''`. */
export interface GroupVersionResource {
  /** `'networking.k8s.io'`; `''` for the core group. */
  readonly group: string;
  /** `'v1'`. */
  readonly version: string;
  /** The plural, in lower case: `'ingresses'`. */
  readonly resource: string;
}

const MAX_GROUP = 253;
const MAX_TEXT = 400;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const VERSION = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Custom resources may have other versions; the core group has not, and no group is called like this. */
const USUAL_VERSION = /^v\d+((alpha|beta)\d+)?$/;

function invalid(text: string, why: string): ConfigError {
  return new ConfigError(
    `${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)} is not a resource type: ${why}. Write 'group/version/resource' with the plural, such as 'networking.k8s.io/v1/ingresses', or 'v1/secrets' for the core group.`,
    { code: 'INVALID_GVR' },
  );
}

function checkGroup(text: string, group: string): void {
  if (USUAL_VERSION.test(group))
    throw invalid(text, 'the group is a version (subresources such as pods/log cannot be watched)');
  if (group.length > MAX_GROUP || !group.split('.').every((label) => LABEL.test(label)))
    throw invalid(text, 'the group is not a DNS name');
}

/**
 * Parses `group/version/resource`, or `version/resource` for the core group.
 *
 * @throws {ConfigError} `INVALID_GVR` when the text has another form.
 * @example
 * ```ts
 * parseGvr('networking.k8s.io/v1/ingresses') // { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' }
 * parseGvr('v1/secrets')                     // { group: '', version: 'v1', resource: 'secrets' }
 * ```
 */
export function parseGvr(text: string): GroupVersionResource {
  if (typeof text !== 'string') throw invalid(`a value of type ${typeof text}`, 'it is not text');
  if (text.length > MAX_TEXT) throw invalid(text, `it has ${text.length} characters`);
  const parts = text.split('/');
  if (parts.length < 2 || parts.length > 3)
    throw invalid(text, `it has ${parts.length} part(s) instead of 2 or 3`);
  const [group = '', version = '', resource = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length === 3) checkGroup(text, group);
  else if (!USUAL_VERSION.test(version))
    throw invalid(text, 'without a group it has to begin with a version such as v1');
  if (!VERSION.test(version)) throw invalid(text, 'the version is not of the form v1, v1beta1');
  if (!LABEL.test(resource)) throw invalid(text, 'the resource is not a lower-case plural');
  return Object.freeze({ group, version, resource });
}

/**
 * Formats a resource type as `parseGvr` reads it.
 *
 * @example
 * ```ts
 * formatGvr({ group: '', version: 'v1', resource: 'secrets' }) // 'v1/secrets'
 * ```
 */
export function formatGvr(gvr: GroupVersionResource): string {
  return gvr.group === '' ? `${gvr.version}/${gvr.resource}` : `${gvr.group}/${gvr.version}/${gvr.resource}`;
}
