import { parseGvr } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { resourcePath } from './resource-path.ts';

const secrets = parseGvr('v1/secrets');
const ingresses = parseGvr('networking.k8s.io/v1/ingresses');

describe('resourcePath', () => {
  it.each([
    [secrets, {}, '/api/v1/secrets'],
    [secrets, { namespaced: true }, '/api/v1/secrets'],
    [secrets, { namespace: 'shop' }, '/api/v1/namespaces/shop/secrets'],
    [
      ingresses,
      { namespace: 'shop', name: 'web' },
      '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web',
    ],
    [parseGvr('v1/nodes'), { name: 'a', namespaced: false }, '/api/v1/nodes/a'],
    [
      parseGvr('rbac.authorization.k8s.io/v1/clusterroles'),
      { name: 'system:node' },
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    ],
    [secrets, { namespace: 'a b?', name: 'x#y' }, '/api/v1/namespaces/a%20b%3F/secrets/x%23y'],
  ])('%o %o', (gvr, options, path) => {
    expect(resourcePath(gvr, options)).toBe(path);
  });

  it.each([
    [{ namespace: '..', name: 'x' }, 'INVALID_NAME'],
    [{ namespace: 'a', name: '../../secrets' }, 'INVALID_NAME'],
    [{ namespace: 'a', name: '%2e%2e' }, 'INVALID_NAME'],
    [{ namespace: 'a', namespaced: false }, 'NAMESPACE_NOT_ALLOWED'],
    [{ name: 'x', namespaced: true }, 'NAMESPACE_REQUIRED'],
  ])('refuses %o', (options, code) => {
    expect(() => resourcePath(secrets, options)).toThrow(expect.objectContaining({ code }));
  });
});
