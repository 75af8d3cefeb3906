import { ConfigError } from '@firn/core';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { kubeConfigFor } from '../../test-support/loopback-server.ts';
import { clusterEndpoint } from './cluster-endpoint.ts';

function failureOf(kubeConfig: KubeConfig): ConfigError {
  try {
    clusterEndpoint(kubeConfig);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function loaded(contexts: object[], currentContext?: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'c', server: 'https://c', skipTLSVerify: false }],
    users: [{ name: 'u' }],
    contexts,
    currentContext,
  });
  return kubeConfig;
}

describe('clusterEndpoint', () => {
  it('takes address, port and path', () => {
    expect(clusterEndpoint(kubeConfigFor({ url: 'https://Rancher.example/k8s/c-1/' }))).toMatchObject({
      origin: 'https://rancher.example',
      host: 'rancher.example:443',
      pathPrefix: '/k8s/c-1',
      proxyUrl: undefined,
    });
    expect(clusterEndpoint(kubeConfigFor({ url: 'https://[fd00::1]:6443' }))).toMatchObject({
      host: '[fd00::1]:6443',
      pathPrefix: '',
    });
  });

  it.each([
    ['an empty kubeconfig', new KubeConfig(), 'NO_CONTEXT', 'Load a kubeconfig'],
    ['no current context', loaded([{ name: 'a', cluster: 'c', user: 'u' }]), 'NO_CONTEXT', 'There are: a'],
    ['a context that is not there', loaded([], 'gone'), 'NO_CONTEXT', 'named gone'],
    [
      'a cluster that is not there',
      loaded([{ name: 'a', cluster: 'x', user: 'u' }], 'a'),
      'NO_CLUSTER',
      'context a',
    ],
    ['a user that is not there', loaded([{ name: 'a', cluster: 'c', user: 'x' }], 'a'), 'NO_USER', 'user x'],
    ['no URL', kubeConfigFor({ url: 'nonsense' }), 'INVALID_SERVER', 'https://host:port'],
    ['another scheme', kubeConfigFor({ url: 'ftp://x' }), 'INVALID_SERVER', 'neither https nor http'],
    [
      'plain http elsewhere',
      kubeConfigFor({ url: 'http://10.0.0.1:8080' }),
      'INSECURE_SERVER',
      'in the clear',
    ],
    [
      'a proxy that is no URL',
      kubeConfigFor({ url: 'https://x' }, { cluster: { proxyUrl: 'user:sesame@' } }),
      'INVALID_PROXY',
      'proxy-url',
    ],
    [
      'another kind of proxy',
      kubeConfigFor({ url: 'https://x' }, { cluster: { proxyUrl: 'quic://x' } }),
      'INVALID_PROXY',
      'socks5',
    ],
  ])('says what to do about %s', (_what, kubeConfig, code, text) => {
    const error = failureOf(kubeConfig);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('sesame');
  });

  it('lets plain http through on loopback, and elsewhere if it is asked for', () => {
    for (const url of ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1']) {
      expect(clusterEndpoint(kubeConfigFor({ url })).origin).toBe(url);
    }
    const url = 'http://10.0.0.1:8080';
    expect(clusterEndpoint(kubeConfigFor({ url }, { cluster: { skipTLSVerify: true } })).origin).toBe(url);
  });
});
