import { describe, expect, it } from 'vitest';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { createTransport } from '../transport/create-transport.ts';
import { VERSION } from '../version.ts';
import { createDiscovery } from './create-discovery.ts';

describe('discovery of the embedded API server', () => {
  it('rule 26: names the type behind each name, by two requests that are remembered', async () => {
    const widgets = { gvr: 'example.com/v1/widgets', kind: 'Widget', namespaced: false, shortNames: ['wg'] };
    await using server = await startApiServer({ resources: [widgets] });
    const transport = createTransport(server.kubeConfig);
    try {
      const discovery = createDiscovery(transport);
      expect(await discovery.resolve('ing')).toMatchObject({
        gvr: { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' },
        kind: 'Ingress',
        namespaced: true,
      });
      expect(await discovery.resolve('wg')).toMatchObject({ kind: 'Widget', namespaced: false });
      expect(await discovery.resolve('Secret')).toMatchObject({ gvr: { resource: 'secrets' } });
      expect(server.requests.map(({ path }) => path).sort()).toEqual(['/api', '/apis']);
      expect(server.requests[0]?.headers['user-agent']).toBe(`firn/${VERSION}`);
      await expect(discovery.resolve('ingreses')).rejects.toMatchObject({
        code: 'UNKNOWN_RESOURCE',
        suggestion: 'networking.k8s.io/v1/ingresses',
      });
    } finally {
      await transport.close();
    }
  });
});
