/** What selectors select. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, namesOf } from './api-client.ts';

/** Describes label and field selectors. */
export function describeSelectors(client: () => ApiClient): void {
  describe('label selector', () => {
    let path = '';
    beforeAll(async () => {
      ({ path } = await client().namespace());
      const labels: Record<string, Record<string, string>> = {
        none: {},
        prod: { env: 'prod', tier: 'web' },
        qa: { env: 'qa', 'example.com/team': 'red' },
        empty: { env: '' },
        seven: { n: '7' },
      };
      for (const [name, own] of Object.entries(labels)) await client().configMaps(path, [name], own);
    });

    it.each<[string, string[]]>([
      ['env=prod', ['prod']],
      ['env==prod', ['prod']],
      ['env!=prod', ['empty', 'none', 'qa', 'seven']],
      ['env', ['empty', 'prod', 'qa']],
      ['!env', ['none', 'seven']],
      ['env=', ['empty']],
      ['env in (prod,qa)', ['prod', 'qa']],
      ['env in (prod, qa),tier', ['prod']],
      ['env notin (prod)', ['empty', 'none', 'qa', 'seven']],
      ['example.com/team=red', ['qa']],
      ['env=prod,tier!=web', []],
      ['n>5', ['seven']],
      ['n<5', []],
    ])('%s', async (selector, expected) => {
      const { body } = await client().get(`${path}/configmaps?labelSelector=${encodeURIComponent(selector)}`);
      expect(namesOf(body).filter((name) => name !== 'kube-root-ca.crt')).toEqual(expected);
    });

    it.each([
      'env in prod',
      'env=a=b',
      '=x',
      'env in (a',
      'a,,b',
      'a/b/c=x',
      'env in (a b)',
      `a=${'b'.repeat(64)}`,
      `${'a'.repeat(64)}=b`,
    ])('%s is refused', async (selector) => {
      const { status } = await client().get(
        `${path}/configmaps?labelSelector=${encodeURIComponent(selector)}`,
      );
      expect(status).toBe(400);
    });
  });

  describe('field selector', () => {
    let path = '';
    let namespace = '';
    beforeAll(async () => {
      ({ path, name: namespace } = await client().namespace());
      await client().post(`${path}/secrets`, { metadata: { name: 'plain' } });
      await client().post(`${path}/secrets`, { metadata: { name: 'special' }, type: 'example.com/special' });
      for (const [name, nodeName] of [
        ['placed', 'node-1'],
        ['waiting', undefined],
      ]) {
        const spec = { containers: [{ name: 'c', image: 'i' }], ...(nodeName && { nodeName }) };
        await client().post(`${path}/pods`, { metadata: { name }, spec });
      }
    });

    it.each<[string, string, string[]]>([
      ['secrets', 'type=example.com/special', ['special']],
      ['secrets', 'type=Opaque', ['plain']],
      ['secrets', 'type!=Opaque', ['special']],
      ['secrets', 'metadata.name=plain,type=Opaque', ['plain']],
      ['pods', 'spec.nodeName=node-1', ['placed']],
      ['pods', 'spec.nodeName=', ['waiting']],
      ['pods', 'status.phase=Pending', ['placed', 'waiting']],
      ['pods', 'status.phase!=Pending', []],
      ['pods', 'metadata.name!=placed', ['waiting']],
    ])('%s: %s', async (resource, selector, expected) => {
      const { body } = await client().get(
        `${path}/${resource}?fieldSelector=${encodeURIComponent(selector)}`,
      );
      expect(namesOf(body)).toEqual(expected);
    });

    it('metadata.namespace over all namespaces', async () => {
      const { body } = await client().get(`/api/v1/secrets?fieldSelector=metadata.namespace%3D${namespace}`);
      expect(namesOf(body)).toEqual(['plain', 'special']);
    });

    it.each([
      ['secrets', 'metadata.uid=x'],
      ['pods', 'spec.foo=x'],
      ['configmaps', 'type=x'],
      ['configmaps', 'nonsense'],
      ['configmaps', 'metadata.name=a\\'],
      ['configmaps', 'metadata.name=a\\b'],
    ])('%s: %s is refused', async (resource, selector) => {
      const { status, body } = await client().get(
        `${path}/${resource}?fieldSelector=${encodeURIComponent(selector)}`,
      );
      expect([status, body.reason]).toEqual([400, 'BadRequest']);
    });
  });
}
