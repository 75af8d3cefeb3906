import { ConfigError, FirnError } from '@firn/core';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { createRuntime } from '../runtime/create-runtime.ts';
import { watched } from '../runtime/watched.ts';
import { createWatcher } from './create-watcher.ts';
import { createSingleWatcher } from './single-watcher.ts';

const loaded = new KubeConfig();
loaded.loadFromClusterAndUser(
  { name: 'cluster', server: 'https://127.0.0.1:6443', skipTLSVerify: false },
  { name: 'user' },
);

function thrownBy(call: () => unknown): ConfigError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toMatch(/^\S.{15,}[.?]$/s);
    return error as ConfigError;
  }
  throw new Error('nothing was refused');
}

const watcher = (options: unknown, kubeConfig: unknown = loaded): unknown =>
  createWatcher(kubeConfig as KubeConfig, options as { gvr: string });
const secrets = (options: object): unknown => watcher({ gvr: 'v1/secrets', ...options });

describe('options of a watcher that are wrong are refused at once', () => {
  it.each<[object, string, RegExp]>([
    [{ pagesize: 5 }, 'UNKNOWN_KEY', /"pagesize".*Did you mean pageSize\?/],
    [{ label_selector: 'a=b' }, 'UNKNOWN_KEY', /Did you mean labelSelector\?/],
    [{ zzz: 1 }, 'UNKNOWN_KEY', /There are: gvr, /],
    [{ constructor: 1 }, 'UNKNOWN_KEY', /constructor/],
    [{ pageSize: 0 }, 'INVALID_VALUE', /pageSize must be a whole number of 1 or more, but is 0/],
    [{ pageSize: 2.5 }, 'INVALID_VALUE', /2\.5/],
    [{ pageSize: Number.NaN }, 'INVALID_VALUE', /NaN/],
    [{ pageSize: '500' }, 'WRONG_TYPE', /pageSize is text, but must be a whole number of 1 or more\.$/],
    [{ pageSize: Symbol('5') }, 'WRONG_TYPE', /a symbol/],
    [{ pageSize: null }, 'WRONG_TYPE', /nothing/],
    [{ initialList: 'pages' }, 'INVALID_VALUE', /Did you mean list\?/],
    [{ store: 'memory' }, 'INVALID_VALUE', /Did you mean full\?/],
    [{ store: 'on-demand', indexes: {} }, 'OPTION_NOT_APPLICABLE', /indexes applies to a store of kind full/],
    [{ store: 'on-demand', cacheTtl: 0 }, 'INVALID_VALUE', /cacheTtl.*longer than 0/],
    [{ debounceInterval: '5 seconds' }, 'INVALID_DURATION', /debounceInterval must be a duration/],
    [{ watchTimeout: 0 }, 'INVALID_VALUE', /longer than 0/],
    [{ idleTimeout: -1 }, 'INVALID_DURATION', /idleTimeout/],
    [{ backoff: 5 }, 'WRONG_TYPE', /backoff is not an object/],
    [{ backoff: { factr: 2 } }, 'UNKNOWN_KEY', /"backoff\.factr".*Did you mean backoff\.factor\?/],
    [{ backoff: { factor: 0.5 } }, 'INVALID_VALUE', /backoff\.factor must be a number of 1 or more/],
    [{ backoff: { jitter: -1 } }, 'INVALID_VALUE', /backoff\.jitter/],
    [{ backoff: { initial: '1m', cap: '30s' } }, 'INVALID_VALUE', /cap \(30000 ms\) shorter.*60000 ms/],
    [{ backoff: { initial: 10, cap: 5 } }, 'INVALID_VALUE', /shorter/],
    [{ namespace: 'Shop' }, 'INVALID_VALUE', /namespace must be the name of a namespace/],
    [{ namespace: 5 }, 'WRONG_TYPE', /'' for all\.$/],
    [{ namespaced: 'yes' }, 'WRONG_TYPE', /true or false/],
    [{ namespaced: false, namespace: 'shop' }, 'NAMESPACE_NOT_ALLOWED', /namespaced: false/],
    [
      { labelSelector: { app: 'shop' } },
      'WRONG_TYPE',
      /labelSelector is a map, but must be a label selector/,
    ],
    [{ labelSelector: 'app in shop' }, 'INVALID_VALUE', /labelSelector/],
    [{ fieldSelector: ['a=b'] }, 'WRONG_TYPE', /fieldSelector/],
    [{ indexBy: 'metadata.name' }, 'INVALID_INDEXER_OPTION', /indexBy is not an array/],
    [{ ignoreFields: {} }, 'INVALID_INDEXER_OPTION', /ignoreFields is not an array/],
    [{ onChange: 'log' }, 'WRONG_TYPE', /onChange is not a function/],
    [{ onSyncComplete: {} }, 'WRONG_TYPE', /onSyncComplete/],
    [{ random: 0.5 }, 'WRONG_TYPE', /random/],
    [{ logger: () => 1 }, 'WRONG_TYPE', /logger lacks.*child/],
    [{ clock: null }, 'WRONG_TYPE', /clock lacks/],
    [{ cacheTtl: '5m' }, 'OPTION_NOT_APPLICABLE', /cacheTtl applies to a store of kind on-demand/],
    [{ maxCacheSize: 5, store: 'full' }, 'OPTION_NOT_APPLICABLE', /maxCacheSize/],
    [{ eventLog: {} }, 'WRONG_TYPE', /eventLog lacks the method\(s\) flush, close/],
    [{ warmStart: 'yes' }, 'WRONG_TYPE', /warmStart/],
    [{ gvr: undefined }, 'MISSING_KEY', /gvr is missing/],
    [{ gvr: null }, 'INVALID_GVR', /gvr is not a resource type/],
    [{ gvr: { group: '', version: 'v1' } }, 'INVALID_GVR', /gvr/],
    [{ gvr: 'secrets' }, 'INVALID_GVR', /secrets/],
  ])('%j: %s', (options, code, says) => {
    const error = thrownBy(() => secrets(options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
  });

  it.each([undefined, null, 'v1/secrets', []])('%j is not an object of options', (options) => {
    expect(thrownBy(() => watcher(options)).code).toBe('WRONG_TYPE');
  });

  it.each([
    { namespace: '', labelSelector: 'a in (b, c),!d', fieldSelector: 'reason=a b\\,c' },
    { pageSize: undefined, backoff: undefined, store: 'full', initialList: 'list' },
    { backoff: { initial: '50ms', cap: '50ms', factor: 1, jitter: 0, resetAfter: 0 }, debounceInterval: 0 },
    { gvr: { group: '', version: 'v1', resource: 'secrets' }, namespaced: false },
  ])('%j is accepted', (options) => {
    expect(secrets(options)).toBeDefined();
  });
});

describe('options of a single watcher', () => {
  it.each<[object, string, RegExp]>([
    [{}, 'MISSING_KEY', /name is missing/],
    [{ name: '' }, 'INVALID_VALUE', /name must be/],
    [{ name: 'a,metadata.namespace=b' }, 'INVALID_VALUE', /comma/],
    [{ name: 'a', labelSelector: 'a=b' }, 'UNKNOWN_KEY', /labelSelector/],
    [{ name: 'a', onchange: () => 1 }, 'UNKNOWN_KEY', /Did you mean onChange/],
    [{ name: 'a', onChange: 5 }, 'WRONG_TYPE', /onChange/],
    [{ name: 'a', debounceInterval: 'soon' }, 'INVALID_DURATION', /debounceInterval/],
    [{ name: 'a', namespace: 'b', namespaced: false }, 'NAMESPACE_NOT_ALLOWED', /namespaced: false/],
  ])('%j: %s', (options, code, says) => {
    const error = thrownBy(() => createSingleWatcher(loaded, { gvr: 'v1/secrets', ...options } as never));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
  });

  it('are those of a watcher, as far as they mean something for one resource', () => {
    const options = { debounceInterval: '1s', pageSize: 1, namespaced: true, backoff: { initial: '1s' } };
    expect(createSingleWatcher(loaded, { gvr: 'v1/secrets', name: 'a', ...options })).toBeDefined();
  });
});

describe('options of a runtime', () => {
  const resources = { secrets: watched('v1/secrets') };

  it.each<[unknown, string, RegExp]>([
    [{ kubeConfig: loaded, resource: {} }, 'UNKNOWN_KEY', /Did you mean resources\?/],
    [{}, 'NO_RESOURCES', /resources is missing/],
    [{ kubeConfig: loaded, resources: [] }, 'NO_RESOURCES', /resources/],
    [{ kubeConfig: loaded, resources: {} }, 'NO_RESOURCES', /at least one/],
    [{ kubeConfig: loaded, resources: { resources: undefined } }, 'WRONG_TYPE', /resources\.resources/],
    [undefined, 'WRONG_TYPE', /not an object/],
    [{ resources }, 'INVALID_KUBECONFIG', /No kubeConfig/],
    [{ kubeConfig: loaded, resources, eventLog: {} }, 'WRONG_TYPE', /eventLog lacks/],
    [{ kubeConfig: loaded, resources, warmStart: 1 }, 'WRONG_TYPE', /warmStart/],
    [{ kubeConfig: loaded, resources, warmStart: true }, 'NO_EVENT_LOG', /eventLog/],
    [{ kubeConfig: loaded, resources, logger: {} }, 'WRONG_TYPE', /logger lacks/],
    [
      { kubeConfig: loaded, resources: { a: watched('v1/pods', { pagesize: 5 } as object) } },
      'UNKNOWN_KEY',
      /^resources\.a: .*pageSize/,
    ],
    [{ kubeConfig: loaded, resources: { a: null } }, 'WRONG_TYPE', /^resources\.a: /],
  ])('%#: %s', (options, code, says) => {
    const error = thrownBy(() => createRuntime(options as never));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
  });

  it('a suggestion is kept when the resource is named', () => {
    const wrong = { a: { gvr: 'v1/pods', page_size: 5 } };
    const error = thrownBy(() => createRuntime({ kubeConfig: loaded, resources: wrong }));
    expect(error.suggestion).toBe('pageSize');
    expect(error.cause).toBeInstanceOf(FirnError);
  });
});

describe('a kubeConfig that cannot be used is refused at once', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['none', undefined, 'INVALID_KUBECONFIG', /No kubeConfig is given.*loadFromDefault/],
    ['null', null, 'INVALID_KUBECONFIG', /no KubeConfig/],
    ['a path', '/home/x/.kube/config', 'INVALID_KUBECONFIG', /no KubeConfig/],
    ['another object', { clusters: [] }, 'INVALID_KUBECONFIG', /no KubeConfig/],
    ['one that is not loaded', new KubeConfig(), 'NO_CONTEXT', /no current context.*Load a kubeconfig/],
  ])('%s', (_, kubeConfig, code, says) => {
    const calls = [
      () => createWatcher(kubeConfig as KubeConfig, { gvr: 'v1/secrets' }),
      () => createSingleWatcher(kubeConfig as KubeConfig, { gvr: 'v1/secrets', name: 'a' }),
      () => createRuntime({ kubeConfig: kubeConfig as KubeConfig, resources: { a: watched('v1/pods') } }),
    ];
    for (const call of calls) {
      const error = thrownBy(call);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(says);
    }
  });
});
