/** Owns which resource types a log has served, and what is known of those that are not built in. */
import { type KubernetesObject, parseGvr } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { RecordedResource } from '../replay/replay.ts';
import { builtInTypes } from '../testing/api-server/built-in-types.ts';
import { Registry } from '../testing/api-server/registry.ts';
import { defineResourceType, type ResourceType } from '../testing/api-server/resource-type.ts';

/** What is served of a log, and what is not. */
export interface ServedTypes {
  /** The types that the server offers: for reading. */
  readonly registry: Registry;
  /** By the names of the log's resources; several may have one type. */
  readonly types: ReadonlyMap<string, ResourceType>;
  /** Of which only references were recorded. */
  readonly references: readonly string[];
  /** Of which there is no object in the log, and no built-in type. */
  readonly unknown: readonly string[];
}

const VERBS: readonly string[] = ['get', 'list', 'watch'];

/**
 * Finds the types of a log's resources: built in, or by what their objects say. Built-in types are offered beside them,
 * but for what would seem to be empty and was not: what was recorded as references, or in another version.
 *
 * @param objects - those of a resource at the moment that is served.
 */
export async function servedTypes(
  recorded: Readonly<Record<string, RecordedResource>>,
  objects: (name: string) => Iterable<KubernetesObject>,
  reader: EventLogReader,
): Promise<ServedTypes> {
  const registry = new Registry();
  for (const type of builtInTypes()) registry.add({ ...type, verbs: VERBS });
  const types = new Map<string, ResourceType>();
  const [references, unknown]: [string[], string[]] = [[], []];
  for (const [name, { gvr, store }] of Object.entries(recorded)) {
    if (store === 'on-demand') {
      references.push(name);
      continue;
    }
    const { group, version, resource } = parseGvr(gvr);
    let type = registry.find(group, version, resource);
    if (type === undefined) {
      type = learnedType(gvr, objects(name)) ?? learnedType(gvr, await firstObjects(reader, name));
      if (type === undefined) {
        unknown.push(name);
        continue;
      }
      registry.add(type);
    }
    types.set(name, type);
  }
  removeOthers(registry, recorded, new Set(types.values()));
  return { registry, types, references, unknown };
}

function learnedType(gvr: string, objects: Iterable<KubernetesObject>): ResourceType | undefined {
  for (const { kind, metadata } of objects) {
    if (!kind) continue;
    const namespaced = (metadata?.namespace ?? '') !== '';
    return { ...defineResourceType({ gvr, kind, namespaced, status: false }), verbs: VERBS };
  }
  return undefined;
}

/** The first objects that the log has of a resource, whenever that was. */
async function firstObjects(reader: EventLogReader, name: string): Promise<readonly KubernetesObject[]> {
  for await (const records of reader.records()) {
    for (const record of records) {
      if (record.resource !== name) continue;
      const event = record.parse();
      const found =
        'objects' in event ? event.objects : 'object' in event && event.object ? [event.object] : [];
      if (found.length > 0) return found as readonly KubernetesObject[];
    }
  }
  return [];
}

function removeOthers(
  registry: Registry,
  recorded: Readonly<Record<string, RecordedResource>>,
  served: ReadonlySet<ResourceType>,
): void {
  const recordedTypes = new Set(
    Object.values(recorded).map(({ gvr }) => {
      const { group, resource } = parseGvr(gvr);
      return `${group}/${resource}`;
    }),
  );
  for (const type of registry.all().toArray())
    if (!served.has(type) && recordedTypes.has(`${type.group}/${type.resource}`)) registry.remove(type);
}
