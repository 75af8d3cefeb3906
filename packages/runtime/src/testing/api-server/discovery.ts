/** Owns how the server tells which resource types there are. */
import type { Registry } from './registry.ts';
import type { ResourceType } from './resource-type.ts';
import { noSuchResource } from './status-error.ts';
import { compareVersions } from './version-order.ts';

const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

function groups(registry: Registry): Group[] {
  const found = new Map<string, Set<string>>();
  for (const { group, version } of registry.all()) {
    const versions = found.get(group) ?? new Set();
    found.set(group, versions.add(version));
  }
  return [...found].map(([name, versions]) => ({ name, versions: [...versions].sort(compareVersions) }));
}

function groupDocument({ name, versions }: Group): object {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceDocuments(type: ResourceType): object[] {
  const { resource, singular, namespaced, kind, shortNames, categories } = type;
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs: type.verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  const documents: object[] = [main];
  if (type.status)
    documents.push({
      name: `${resource}/status`,
      singularName: '',
      namespaced,
      kind,
      verbs: SUBRESOURCE_VERBS,
    });
  if (type.scale) {
    const scale = { ...SCALE, namespaced, singularName: '', verbs: SUBRESOURCE_VERBS };
    documents.push({ name: `${resource}/scale`, ...scale });
  }
  return documents;
}

function aggregatedSubresources(type: ResourceType): object[] {
  const { group, version, kind } = type;
  const found: object[] = [];
  if (type.scale) found.push({ subresource: 'scale', responseKind: SCALE, verbs: SUBRESOURCE_VERBS });
  if (type.status)
    found.push({ subresource: 'status', responseKind: { group, version, kind }, verbs: SUBRESOURCE_VERBS });
  return found;
}

function aggregatedResource(type: ResourceType): object {
  const { group, version, kind, resource, singular, shortNames, categories } = type;
  const responseKind = { group, version, kind };
  const subresources = aggregatedSubresources(type);
  return {
    resource,
    responseKind,
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: type.verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function aggregated(registry: Registry, found: readonly Group[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: found.map(({ name, versions }) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        resources: registry
          .all()
          .filter((type) => type.group === name && type.version === version)
          .map(aggregatedResource)
          .toArray(),
        freshness: 'Current',
      })),
    })),
  };
}

function groupVersionDocument(registry: Registry, group: string, version: string): object {
  if (!registry.hasGroupVersion(group, version)) throw noSuchResource();
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: types.flatMap(resourceDocuments).toArray(),
  };
}

/** What the server answers to a discovery request, and in which form. */
export interface DiscoveryAnswer {
  readonly contentType: string;
  readonly document: object;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function wantsAggregated(accept: string): boolean {
  return accept
    .split(',')
    .some((part) => part.includes('as=APIGroupDiscoveryList') && /\bv=v2(;|$)/.test(part.trim()));
}

function json(document: object): DiscoveryAnswer {
  return { contentType: 'application/json', document };
}

/**
 * Answers `/api`, `/apis` and what lies below down to a version.
 *
 * @throws {StatusError} 404 for a group or version that is not served.
 */
export function answerDiscovery(
  registry: Registry,
  path: string,
  accept: string,
  address: string,
): DiscoveryAnswer {
  const [root, ...rest] = path.split('/').filter((part) => part !== '');
  const all = groups(registry);
  if (root === 'api') {
    const [version] = rest;
    if (version !== undefined) return json(groupVersionDocument(registry, '', version));
    const core = all.filter(({ name }) => name === '');
    if (wantsAggregated(accept)) return { contentType: AGGREGATED, document: aggregated(registry, core) };
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
    return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs });
  }
  const named = all.filter(({ name }) => name !== '');
  const [group, version] = rest;
  if (group === undefined) {
    if (wantsAggregated(accept)) return { contentType: AGGREGATED, document: aggregated(registry, named) };
    return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupDocument) });
  }
  if (version !== undefined) return json(groupVersionDocument(registry, group, version));
  const found = named.find(({ name }) => name === group);
  if (!found) throw noSuchResource();
  return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(found) });
}
