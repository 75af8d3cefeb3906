import { readFileSync } from 'node:fs';
import { ConfigError } from '@firn/core';
import { createRuntime, createWatcher, watched } from '@firn/runtime';
import { startApiServer } from '@firn/runtime/testing';
import { type Cluster, KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { body, CONTENTS, type Identity, ScriptedServer, TOKEN } from './scripted-server.ts';
import { BACKOFF, expectClear, WatchedScript } from './watched-script.ts';

const FOLDER = new URL('../../packages/runtime/test-support/certificates/', import.meta.url);
const pem = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const identity = (name: string): Identity => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });
const GOOD = identity('server');
const CA = { caData: Buffer.from(pem('ca.pem')).toString('base64') };

function kubeConfigOf(cluster: Partial<Cluster>): (server: { readonly url: string }) => KubeConfig {
  return ({ url }) => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'cluster', server: url, skipTLSVerify: false, ...cluster },
      { name: 'user', token: TOKEN },
    );
    return kubeConfig;
  };
}

/** Waits for a failure with this code, among others that came with the cut. */
async function told(shop: WatchedScript, code: string, times = 1): Promise<void> {
  await expect
    .poll(() => shop.codes.filter((given) => given === code).length, { timeout: 10_000, interval: 5 })
    .toBeGreaterThanOrEqual(times);
}

/** The ConfigError that a call throws. */
function refusal(call: () => unknown): ConfigError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('nothing was refused');
}

describe('TLS', () => {
  it.each([
    ['has expired', identity('expired'), /expired/],
    ['is for another name', identity('other-name'), /for another name.*tls-server-name/],
  ])('a certificate that %s: told, nothing lost, and over when it is replaced', async (_, bad, says) => {
    await using shop = await WatchedScript.start({ identity: GOOD, kubeConfig: kubeConfigOf(CA) });
    await shop.synced();
    await shop.connected();
    const before = shop.store.snapshot;
    const asked = shop.server.asked().length;
    shop.server.setIdentity(bad);
    shop.server.keep('c');
    shop.server.disconnect();
    await told(shop, 'TLS', 4);
    expectClear(shop.errors.at(-1), 'TLS', says);
    expect(shop.errors.at(-1)?.retryable).toBe(false);
    expect(shop.server.asked()).toHaveLength(asked);
    expect(shop.store.snapshot).toBe(before);
    expect(shop.state).toMatchObject({ synced: true, stale: true });
    expect(shop.server.connections).toBeLessThanOrEqual(shop.errors.length + 2);
    shop.server.setIdentity(GOOD);
    await shop.agrees();
    shop.expectDiscretion();
  });

  it.each([
    ['an authority that the kubeconfig does not know', GOOD, {}, /certificate-authority.*did not sign/],
    ['an https address where plain http is spoken', undefined, CA, /does not speak TLS.*http:/],
    ['a certificate-authority that is none', GOOD, { caData: 'bm90IGEgY2VydA==' }, /PEM|did not sign/],
  ] as const)('%s: told before anything is asked', async (_, served, cluster, says) => {
    const address = ({ port }: ScriptedServer) => ({ url: `https://127.0.0.1:${port}` });
    await using shop = await WatchedScript.start({
      ...(served === undefined ? {} : { identity: served }),
      kubeConfig: (server) => kubeConfigOf(cluster)(address(server)),
    });
    shop.watcher.start();
    await told(shop, 'TLS', 4);
    expect(shop.errors[0]?.message).toMatch(says);
    expect(shop.watcher.isSynced).toBe(false);
    expect(shop.store.size).toBe(0);
    expect(shop.server.asked()).toEqual([]);
    expect(shop.server.connections).toBeLessThanOrEqual(shop.errors.length + 2);
    shop.expectDiscretion();
  });
});

describe('kubeconfig', () => {
  it('without a context: refused by its own name', async () => {
    await using server = await ScriptedServer.start([]);
    const error = refusal(() => createWatcher(new KubeConfig(), { gvr: 'v1/configmaps' }));
    expect(error).toMatchObject({ code: 'NO_CONTEXT', retryable: false });
    expect(error.message).toMatch(/no current context.*setCurrentContext\(name\)/);
    expect(server.requests).toEqual([]);
  });

  it('whose context goes away later: told at each attempt, nothing lost, and over when it is back', async () => {
    const kubeConfig = new KubeConfig();
    await using shop = await WatchedScript.start({
      kubeConfig: (server) => {
        kubeConfig.loadFromString(server.kubeConfig.exportConfig());
        return kubeConfig;
      },
    });
    await shop.synced();
    await shop.watcher.stop();
    const chosen = kubeConfig.getCurrentContext();
    const before = shop.store.snapshot;
    kubeConfig.setCurrentContext('gone');
    shop.watcher.start();
    await shop.failures(3);
    const [error] = shop.errors;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'NO_CONTEXT', retryable: false });
    expect(error?.message).toMatch(/no context named gone.*setCurrentContext\(name\)/);
    expect(shop.state).toMatchObject({ phase: 'backoff', stale: true, lastError: { code: 'NO_CONTEXT' } });
    expect(shop.store.snapshot).toBe(before);
    kubeConfig.setCurrentContext(chosen);
    await shop.watcher.synced;
    await shop.agrees();
    shop.expectDiscretion();
  });

  it.each([
    [
      'a cluster that is not there',
      (text: string) => text.replace('"cluster":"cluster"', '"cluster":"no"'),
      'NO_CLUSTER',
      /cluster that is not in the kubeconfig/,
    ],
    [
      'a user who is not there',
      (text: string) => text.replace('"user":"user"', '"user":"no"'),
      'NO_USER',
      /the user no/,
    ],
    [
      'a server that is no URL',
      (text: string) => text.replace(/http:[^"]*/, 'localhost'),
      'INVALID_SERVER',
      /is not a URL|neither https nor http/,
    ],
    [
      'plain http to another host',
      (text: string) => text.replace('127.0.0.1', '192.0.2.1'),
      'INSECURE_SERVER',
      /in the clear/,
    ],
  ])('with %s: refused before anything is asked', async (_, spoil, code, says) => {
    await using server = await ScriptedServer.start([]);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(spoil(server.kubeConfig.exportConfig()));
    const error = refusal(() => createWatcher(kubeConfig, { gvr: 'v1/configmaps' }));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(says);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(TOKEN);
    expect(server.requests).toEqual([]);
  });
});

describe('a runtime', () => {
  it('one resource behind an HTML page holds no other up, and ready() says which and why', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'a' } };
    await using server = await startApiServer({ objects: [configMap] });
    const page = `<html><title>Sign in</title>${CONTENTS}</html>`;
    const heal = server.fault({ gvr: 'v1/services' }, { status: 200, body: page, contentType: 'text/html' });
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: {
        maps: watched('v1/configmaps', { backoff: BACKOFF }),
        services: watched('v1/services', { backoff: BACKOFF }),
        unknown: watched('v1/podz', { backoff: BACKOFF }),
      },
    });
    const codes = new Set<string>();
    runtime.errors$.subscribe((error) => codes.add(error.code));
    runtime.start();
    await runtime.ready({ require: ['maps'] });
    await expect.poll(() => codes.has('NOT_A_LIST') && codes.has('NOT_FOUND')).toBe(true);
    await expect.poll(() => runtime.states.unknown.lastError?.code).toBe('NOT_FOUND');
    expect(runtime.states.unknown.lastError?.message).toMatch(
      /no v1\/podz to list.*not installed.*group, version or plural is misspelt/,
    );
    const failed = await runtime.ready({ timeout: 20 }).catch((error: unknown) => error);
    expectClear(failed as never, 'NOT_READY', /services \(v1\/services: .*HTML.*unknown \(/s);
    expect(runtime.stores.maps.size).toBe(1);
    expect(runtime.states.maps).toMatchObject({ synced: true, stale: false });
    heal();
    await runtime.ready({ require: ['maps', 'services'] });
    expect(runtime.states.services.stale).toBe(false);
  });
});

describe('calls on a watched store', () => {
  it('a wrong number of keys is refused, and neither store nor watch notices', async () => {
    await using shop = await WatchedScript.start();
    await shop.synced();
    await shop.connected();
    const before = shop.store.snapshot;
    const { store } = shop;
    const odd = { metadata: { name: 'odd', namespace: 'shop' }, data: { text: CONTENTS } };
    const calls: readonly (readonly [operation: string, call: () => unknown])[] = [
      ['get', () => store.get()],
      ['get', () => store.get('shop', 'a', 'x')],
      ['get', () => store.refs('shop', 'a', 'x')],
      ['delete', () => store.delete('shop')],
      ['add', () => store.add(odd, ['shop'])],
      ['update', () => store.update(odd, ['shop', 'odd', 'x'])],
      ['apply', () => store.apply([{ type: 'CLEARED' }, { type: 'ADDED', object: odd, keys: [] }])],
    ];
    for (const [operation, call] of calls) {
      const error = await Promise.resolve()
        .then(call)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'INVALID_KEYS', operation });
      expect(String(error)).toMatch(/ Give (1 to )?2, each a string/);
      expect(String(error)).not.toContain(CONTENTS);
    }
    expect(store.snapshot).toBe(before);
    shop.server.write('c');
    await shop.agrees();
    expect(shop.errors).toEqual([]);
  });
});

describe('a port that is taken', () => {
  it('is an error of the second server, and the first one goes on', async () => {
    await using shop = await WatchedScript.start();
    await shop.synced();
    await expect(startApiServer({ port: shop.server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await shop.connected();
    shop.server.write('c');
    await shop.agrees();
    expect(shop.errors).toEqual([]);
  });
});

describe('a proxy that answers everything with a page', () => {
  it('tells so at every attempt until the API is back', async () => {
    await using shop = await WatchedScript.start();
    const page = body(`<!doctype html>\n<html><body>${CONTENTS}</body></html>`, {
      'content-type': 'text/html',
    });
    const heal = (['list', 'watch', 'watch-list'] as const).map((kind) => shop.server.answer(kind, page));
    shop.watcher.start();
    await shop.failures(6);
    expect(new Set(shop.codes)).toEqual(new Set(['MALFORMED_JSON', 'NOT_A_LIST']));
    for (const error of shop.errors) expectClear(error, error.code, /HTML/);
    shop.expectNoStorm(2);
    for (const end of heal) end();
    await shop.watcher.synced;
    await shop.agrees();
    shop.expectDiscretion();
  });
});
