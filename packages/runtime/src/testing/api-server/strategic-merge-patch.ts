/** Owns strategic merge patch: merge patch with lists whose items have keys, for the common built-in types. */

type Fields = Record<string, unknown>;

// By the name of the list; a list that is not here is replaced as a whole.
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  // Of a container, and of a service.
  ports: ['containerPort', 'port'],
  secrets: ['name'],
  taints: ['key'],
  topologySpreadConstraints: ['topologyKey'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
  webhooks: ['name'],
};
const MERGED_PRIMITIVES = new Set(['finalizers']);
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The key by which the items of a list are told apart; undefined where the list is replaced as a whole. */
export function mergeKeyOf(field: string, items: readonly unknown[]): string | undefined {
  return MERGE_KEYS[field]?.find((key) =>
    items.every((item) => isFields(item) && (Object.hasOwn(item, key) || Object.hasOwn(item, '$patch'))),
  );
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value))
    return value.filter((item) => !isFields(item) || item.$patch !== 'delete').map(withoutDirectives);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([name, member]) => !name.startsWith('$') && member !== null);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutDirectives(member)]));
}

/** What a patch names in its order, among the rest in theirs; what is new comes as early as it may. */
function interleave(list: readonly unknown[], named: readonly unknown[]): unknown[] {
  const places = new Map(list.map((item, place) => [item, place]));
  const chosen = new Set(named);
  const rest = list.filter((item) => !chosen.has(item));
  let taken = 0;
  const ordered = named.flatMap((item) => {
    const start = taken;
    const place = places.get(item) ?? -1;
    while (taken < rest.length && (places.get(rest[taken]) ?? 0) < place) taken += 1;
    return [...rest.slice(start, taken), item];
  });
  return [...ordered, ...rest.slice(taken)];
}

function mergeKeyedList(current: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  if (patch.some((item) => isFields(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !(isFields(item) && item.$patch === 'replace')).map(withoutDirectives);
  }
  const merged = [...current];
  const named: unknown[] = [];
  for (const item of patch as Fields[]) {
    const at = merged.findIndex((other) => isFields(other) && other[key] === item[key]);
    if (item.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1);
      continue;
    }
    const result = at >= 0 ? strategicMergePatch(merged[at], item) : withoutDirectives(item);
    const twice = named.indexOf(merged[at]);
    if (at >= 0) merged[at] = result;
    named.splice(twice < 0 ? named.length : twice, twice < 0 ? 0 : 1, result);
  }
  return interleave(merged, named);
}

function mergeList(field: string, current: unknown, patch: readonly unknown[]): unknown {
  const existing = Array.isArray(current) ? current : [];
  if (MERGED_PRIMITIVES.has(field)) return interleave(existing, [...new Set(patch)]);
  const key = mergeKeyOf(field, [...patch, ...existing]);
  return key === undefined ? withoutDirectives(patch) : mergeKeyedList(existing, patch, key);
}

function order(field: string, current: unknown, wanted: readonly unknown[]): unknown {
  if (!Array.isArray(current)) return current;
  const key = mergeKeyOf(field, current);
  const nameOf = (item: unknown): unknown => (key !== undefined && isFields(item) ? item[key] : item);
  const places = new Map(wanted.map((item, index) => [nameOf(item), index]));
  // Items that are not named keep their order, behind those that are.
  return current.toSorted(
    (a, b) => (places.get(nameOf(a)) ?? wanted.length) - (places.get(nameOf(b)) ?? wanted.length),
  );
}

function applyDirective(target: Map<string, unknown>, name: string, value: unknown): void {
  if (!Array.isArray(value)) return;
  if (name.startsWith(DELETE_PRIMITIVES)) {
    const field = name.slice(DELETE_PRIMITIVES.length);
    const current = target.get(field);
    if (Array.isArray(current))
      target.set(
        field,
        current.filter((item) => !value.includes(item)),
      );
  } else if (name.startsWith(ELEMENT_ORDER)) {
    const field = name.slice(ELEMENT_ORDER.length);
    if (target.has(field)) target.set(field, order(field, target.get(field), value));
  } else if (name === '$retainKeys') {
    for (const field of target.keys()) if (!value.includes(field)) target.delete(field);
  }
}

/** Gives the target with the patch merged in, understanding `$patch`, `$retainKeys` and the list directives. */
export function strategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  const merged = new Map(isFields(target) ? Object.entries(target) : []);
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null) merged.delete(field);
    else if (Array.isArray(value)) merged.set(field, mergeList(field, merged.get(field), value));
    else merged.set(field, isFields(value) ? strategicMergePatch(merged.get(field), value) : value);
  }
  for (const [name, value] of Object.entries(patch))
    if (name.startsWith('$')) applyDirective(merged, name, value);
  return Object.fromEntries(merged);
}
