/** Owns the check of what watchers and runtimes are told in code, before anything is made of it. */
import { ConfigError } from '@firn/core';
import { readCodeOption } from '../config/code-options.ts';
import { labelSelector } from '../config/label-selector.ts';
import { type Shape, text } from '../config/shape.ts';
import {
  backoffConflict,
  backoffFields,
  FULL_ONLY,
  ON_DEMAND_ONLY,
  resourceFields,
} from '../config/watched-resources-shape.ts';
import { nearestNames } from '../nearest-name.ts';

type Given = Readonly<Record<string, unknown>>;
type Check = (value: unknown, name: string) => void;

function refuse(code: string, message: string, suggestion?: string): never {
  throw new ConfigError(message, { code, ...(suggestion === undefined ? {} : { suggestion }) });
}

function fits(shape: Shape<unknown>): Check {
  return (value, name) => void readCodeOption(value, name, shape);
}

const isFunction: Check = (value, name) => {
  if (typeof value === 'function') return;
  refuse('WRONG_TYPE', `${name} is not a function. Give it one, or leave it out.`);
};

function hasMethods(methods: readonly string[]): Check {
  return (value, name) => {
    const missing = methods.filter((method) => typeof (value as Given | null)?.[method] !== 'function');
    if (missing.length === 0) return;
    refuse(
      'WRONG_TYPE',
      `${name} lacks the method(s) ${missing.join(', ')}. Give a whole one, or leave it out.`,
    );
  };
}

const isBoolean: Check = (value, name) => {
  if (typeof value === 'boolean') return;
  refuse('WRONG_TYPE', `${name} is neither true nor false. Write one of the two, or leave it out.`);
};

/** The indexer says what is wrong with these, with the position in a field path. */
const leftToIndexer: Check = () => undefined;

const selectorText = text("a label selector as text, such as 'app=shop,tier in (web, api)'", {
  pattern: labelSelector,
  maxLength: Number.MAX_SAFE_INTEGER,
});
/** Its escapes and spaces are left to the server. */
const fieldSelectorText = text("a field selector as text, such as 'type=kubernetes.io/tls'", {
  maxLength: Number.MAX_SAFE_INTEGER,
});
const nameText = text('the name of a resource: letters, digits and signs, but no comma, slash or space', {
  pattern: /^[^\s,=!\\/%]+$/,
  maxLength: 253,
});

function checksOf(
  fields: Readonly<Record<string, { readonly shape: Shape<unknown> }>>,
): Record<string, Check> {
  return Object.fromEntries(Object.entries(fields).map(([name, { shape }]) => [name, fits(shape)]));
}

const backoffChecks = checksOf(backoffFields);
const checkBackoff: Check = (value, name) => {
  checkKnown(value, name, backoffChecks);
  const conflict = backoffConflict(value as Given);
  if (conflict !== undefined) refuse('INVALID_VALUE', `${name} ${conflict}`);
};

const checkGvr: Check = (value) => {
  if (typeof value === 'string') return;
  const { group, version, resource } = (value ?? {}) as Given;
  if ([group, version, resource].every((part) => typeof part === 'string')) return;
  refuse(
    'INVALID_GVR',
    "gvr is not a resource type. Write 'group/version/resource', such as 'networking.k8s.io/v1/ingresses', or give what parseGvr gives.",
  );
};

const surroundings: Readonly<Record<string, Check>> = {
  eventLog: hasMethods(['flush', 'close']),
  logger: hasMethods(['debug', 'info', 'warn', 'error', 'child']),
  clock: hasMethods(['now', 'monotonic', 'setTimeout', 'clearTimeout']),
  random: isFunction,
};

const watcherChecks: Readonly<Record<string, Check>> = {
  gvr: checkGvr,
  ...checksOf(resourceFields),
  indexBy: leftToIndexer,
  indexes: leftToIndexer,
  ignoreFields: leftToIndexer,
  labelSelector: fits(selectorText),
  fieldSelector: fits(fieldSelectorText),
  backoff: checkBackoff,
  onChange: isFunction,
  onSyncComplete: isFunction,
  warmStart: isBoolean,
  ...surroundings,
};

const SINGLE = [
  ...['gvr', 'namespace', 'namespaced', 'ignoreFields', 'debounceInterval'],
  ...['initialList', 'pageSize', 'watchTimeout', 'idleTimeout', 'backoff'],
];
const singleChecks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries([...SINGLE, 'onChange'].map((name) => [name, watcherChecks[name] ?? leftToIndexer])),
  name: fits(nameText),
  logger: surroundings.logger ?? leftToIndexer,
  clock: surroundings.clock ?? leftToIndexer,
  random: surroundings.random ?? leftToIndexer,
};

const runtimeChecks: Readonly<Record<string, Check>> = {
  // What they have to be is said where they are used.
  kubeConfig: () => undefined,
  resources: () => undefined,
  warmStart: isBoolean,
  ...surroundings,
};

function checkKnown(given: unknown, subject: string, checks: Readonly<Record<string, Check>>): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse('WRONG_TYPE', `${subject || 'What is given as options'} is not an object. Write { name: value }.`);
  const prefix = subject === '' ? '' : `${subject}.`;
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) refuseUnknown(name, prefix, Object.keys(checks));
    if (value !== undefined) check(value, `${prefix}${name}`);
  }
}

function refuseUnknown(name: string, prefix: string, known: readonly string[]): never {
  const suggestion = nearestNames(name.replaceAll(/[_-]/g, ''), known, 1)[0];
  const remedy =
    suggestion === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${prefix}${suggestion}?`;
  refuse(
    'UNKNOWN_KEY',
    `There is no option ${JSON.stringify(prefix + name.slice(0, 80))}. ${remedy}`,
    suggestion,
  );
}

function need(given: Given, name: string, example: string): void {
  if (given[name] === undefined)
    refuse('MISSING_KEY', `The option ${name} is missing. Write ${example}.`, name);
}

/**
 * Checks what `createWatcher` is given, but for field paths.
 *
 * @throws {ConfigError} for the first option that is wrong.
 */
export function checkWatcherOptions(given: unknown): void {
  checkKnown(given, '', watcherChecks);
  const options = given as Given;
  need(options, 'gvr', "gvr: 'networking.k8s.io/v1/ingresses'");
  checkStoreKind(options);
  if (options.namespaced === false && options.namespace)
    refuse(
      'NAMESPACE_NOT_ALLOWED',
      'namespaced: false says that the type is not in namespaces, but namespace names one. Leave one of the two out.',
    );
}

function checkStoreKind(options: Given): void {
  const isFull = options.store !== 'on-demand';
  const wrong = isFull ? ON_DEMAND_ONLY : FULL_ONLY;
  const given = wrong.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  refuse(
    'OPTION_NOT_APPLICABLE',
    isFull
      ? `${given} applies to a store of kind on-demand, but this one holds everything. Remove it.`
      : `${given} applies to a store of kind full, but this one holds references only. Remove it.`,
  );
}

/** Checks what `createSingleWatcher` is given; throws as `checkWatcherOptions` does. */
export function checkSingleWatcherOptions(given: unknown): void {
  checkKnown(given, '', singleChecks);
  need(given as Given, 'gvr', "gvr: 'v1/configmaps'");
  need(given as Given, 'name', "name: 'settings', the resource that is watched");
}

/** Checks what `createRuntime` is given beside the resources themselves; throws as `checkWatcherOptions` does. */
export function checkRuntimeOptions(given: unknown): void {
  checkKnown(given, '', runtimeChecks);
  const { resources } = given as Given;
  if (typeof resources === 'object' && resources !== null && !Array.isArray(resources)) return;
  refuse(
    'NO_RESOURCES',
    "The option resources is missing or no object. Write resources: { services: watched('v1/services') }.",
  );
}
