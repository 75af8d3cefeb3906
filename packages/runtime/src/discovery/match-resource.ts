/** Owns which resource type a written name means: kubectl's rules. */
import { ConfigError, formatGvr } from '@firn/core';
import { nearestNames } from '../nearest-name.ts';
import { visibleText } from '../visible-text.ts';
import type { DiscoveredResources, ResolvedResource } from './resolved-resource.ts';

/** A name taken apart in one of the ways it can be read. */
interface Reading {
  readonly word: string;
  readonly group?: string;
  readonly version?: string;
}

/** `v1/secrets`, `apps/v1/deployments`. */
function slashReadings(parts: readonly string[]): Reading[] {
  const [first = '', second = '', third] = parts;
  if (parts.length === 2) return [{ group: '', version: first, word: second }];
  return parts.length === 3 && third !== undefined ? [{ group: first, version: second, word: third }] : [];
}

/** `deployments.v1.apps`, then `ingresses.networking.k8s.io`. */
function dotReadings(name: string): Reading[] {
  const [word = '', second = '', ...rest] = name.split('.');
  const versioned: Reading = { word, version: second, group: rest.join('.') };
  const grouped: Reading = { word, group: [second, ...rest].join('.') };
  return rest.length > 0 || /^v\d/.test(second) ? [versioned, grouped] : [grouped];
}

function readings(name: string): Reading[] {
  if (name.includes('/')) return slashReadings(name.split('/'));
  return name.includes('.') ? dotReadings(name) : [{ word: name }];
}

/** From the most to the least exact: the plural, the singular or the kind, a short name. */
const NAMINGS: readonly ((resource: ResolvedResource, word: string) => boolean)[] = [
  ({ gvr }, word) => gvr.resource === word,
  ({ singular, kind }, word) => singular === word || kind.toLowerCase() === word,
  ({ shortNames }, word) => shortNames.includes(word),
];

function find(resources: readonly ResolvedResource[], reading: Reading): ResolvedResource | undefined {
  const { group, version } = reading;
  const versioned = resources.filter(({ gvr }) => version === undefined || gvr.version === version);
  const exact = versioned.filter(({ gvr }) => group === undefined || gvr.group === group);
  const prefixed =
    group === undefined || group === '' || version !== undefined
      ? []
      : versioned.filter(({ gvr }) => gvr.group.startsWith(group));
  for (const candidates of [exact, prefixed]) {
    for (const naming of NAMINGS) {
      const found = candidates.find((resource) => naming(resource, reading.word));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/**
 * The resource type that a name means, or `undefined`. Case does not matter. Of several, the first one in the order of
 * discovery counts: core first, then the server's order of groups, in each group its preferred version.
 */
export function matchResource(discovered: DiscoveredResources, name: string): ResolvedResource | undefined {
  for (const reading of readings(name.trim().toLowerCase())) {
    const found = find(discovered.resources, reading);
    if (found !== undefined) return found;
  }
  return undefined;
}

function suggestions(discovered: DiscoveredResources, name: string): string[] {
  const words = new Map<string, ResolvedResource>();
  for (const resource of discovered.resources) {
    for (const word of [resource.gvr.resource, resource.singular, resource.kind, ...resource.shortNames]) {
      if (word !== '' && !words.has(word)) words.set(word, resource);
    }
  }
  const word = readings(name.trim())[0]?.word ?? name;
  const exact = words.get(word);
  const near = exact === undefined ? nearestNames(word, words.keys()) : [word];
  return [...new Set(near.flatMap((found) => words.get(found) ?? []).map(({ gvr }) => formatGvr(gvr)))];
}

/** The error for a name that no resource type has, with the nearest ones. */
export function unknownResource(discovered: DiscoveredResources, name: string): ConfigError {
  const [suggestion, ...more] = suggestions(discovered, name);
  const meant = suggestion === undefined ? '' : ` Did you mean ${[suggestion, ...more].join(' or ')}?`;
  const missing = discovered.missing.slice(0, 5).map((group) => visibleText(group, 80));
  const absent = missing.length === 0 ? '' : ` It could not say what is in ${missing.join(', ')}.`;
  const remedy = meant === '' ? ' kubectl api-resources lists what there is; is a CRD missing?' : meant;
  return new ConfigError(
    `The server knows no resource type ${JSON.stringify(visibleText(name, 100))}.${remedy}${absent}`,
    { code: 'UNKNOWN_RESOURCE', suggestion },
  );
}
