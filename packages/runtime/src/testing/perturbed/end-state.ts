/** Owns the comparison of what two runs left: without what differs from run to run by itself. */
import { isDeepStrictEqual } from 'node:util';
import { FirnError, type KubernetesObject } from '@firn/core';
import { canonicalJson } from '@firn/core/engine';
import type { ControllerReport } from './controller-report.ts';

/** Of the metadata. */
const INCIDENTAL = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields']);
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The check of `explore`, unless it is given another one: the controller threw nothing, and left the same as in the run
 * without a plan, but for uids, resource versions, generations, times and generated names.
 *
 * @throws {FirnError} `CONTROLLER_FAILED`, `END_STATE_DIFFERS`.
 * @example
 * ```ts
 * await explore({ log, controller, check: (report, healthy) => {
 *   checkEndState(report, healthy);
 *   expect(report.writes.length).toBeLessThan(20);
 * } });
 * ```
 */
export function checkEndState(report: ControllerReport, healthy: ControllerReport): void {
  const [failed] = report.errors;
  if (failed !== undefined) {
    const why = failed.error instanceof Error ? failed.error.message : String(failed.error);
    throw new FirnError(`The controller failed after event ${failed.sequence}: ${why}`, {
      code: 'CONTROLLER_FAILED',
      cause: failed.error,
    });
  }
  const gvrs = new Set([...Object.keys(healthy.endState), ...Object.keys(report.endState)]);
  for (const gvr of gvrs) compare(gvr, report.world.list(gvr), healthy.world.list(gvr));
}

function compare(
  gvr: string,
  found: readonly KubernetesObject[],
  expected: readonly KubernetesObject[],
): void {
  const [here, there] = [byName(found), byName(expected)];
  for (const name of new Set([...there.keys(), ...here.keys()])) {
    const [is, was] = [here.get(name), there.get(name)];
    if (isDeepStrictEqual(is, was)) continue;
    const what =
      is === undefined ? 'is missing' : was === undefined ? 'should not be there' : differenceOf(is, was);
    throw new FirnError(`At the end ${gvr} ${name} ${what}.`, { code: 'END_STATE_DIFFERS' });
  }
}

/** Objects by their names; of those with generated names, the n-th of each. */
function byName(objects: readonly KubernetesObject[]): ReadonlyMap<string, Fields> {
  const plain = objects.map((object) => withoutIncidentals(object) as Fields & KubernetesObject);
  const named = new Map<string, Fields>();
  for (const object of plain.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))) {
    const { namespace = '', name = '' } = object.metadata ?? {};
    let place = namespace === '' ? name : `${namespace}/${name}`;
    for (let n = 2; named.has(place); n++) place = `${namespace}/${name} (${n})`;
    named.set(place, object);
  }
  return named;
}

function withoutIncidentals(value: unknown, member = ''): unknown {
  if (typeof value === 'string') return TIMESTAMP.test(value) ? 'a time' : value;
  if (Array.isArray(value)) return value.map((one) => withoutIncidentals(one, member));
  if (typeof value !== 'object' || value === null) return value;
  const isMetadata = member === 'metadata' || member === 'ownerReferences';
  const kept = Object.entries(value).filter(([name]) => !isMetadata || !INCIDENTAL.has(name));
  const plain: Record<string, unknown> = Object.fromEntries(
    kept.map(([name, one]) => [name, withoutIncidentals(one, name)]),
  );
  if (member === 'metadata' && typeof plain.generateName === 'string') plain.name = `${plain.generateName}*`;
  return plain;
}

/** Where two objects differ first. */
function differenceOf(is: unknown, was: unknown, path = ''): string {
  if (isFields(is) && isFields(was)) {
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)]))
      if (!isDeepStrictEqual(is[name], was[name]))
        return differenceOf(is[name], was[name], path === '' ? name : `${path}.${name}`);
  }
  return `differs at ${path} from what it is without a plan`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
