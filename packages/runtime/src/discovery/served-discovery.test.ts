import { describe, expect, it } from 'vitest';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { createManualClock } from '../testing/manual-clock.ts';
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

  it.each(['stall', 'drip'] as const)(
    'gives up on a document that takes longer than a minute: %s',
    async (how) => {
      await using server = await startApiServer();
      const slow = how === 'stall' ? { stall: { afterBytes: 10 } } : { drip: { bytes: 1, every: 5 } };
      server.fault({ kind: 'discovery' }, slow);
      const clock = createManualClock();
      const transport = createTransport(server.kubeConfig);
      try {
        const resolved = createDiscovery(transport, { clock }).resolve('ing');
        const refused = expect(resolved).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
        await expect.poll(() => server.requests.length).toBe(2);
        await clock.advance('1m');
        await refused;
        expect(clock.pending).toBe(0);
      } finally {
        await transport.close();
      }
    },
  );
});
