/** What a server answers about a past that it has forgotten. */
import { describe, expect, it } from 'vitest';
import { type ApiClient, namesOf } from './api-client.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Describes forgetting. Comes last: a real server ends streams at its leisure after a compaction. */
export function describeHistory(client: () => ApiClient, server: () => ServerUnderTest): void {
  describe('history', () => {
    it('rule 9: what is forgotten is answered with 410, a page with an inconsistent token', async () => {
      const { path } = await client().namespace();
      const [old = ''] = await client().configMaps(path, ['a', 'b', 'c']);
      const first = await client().get(`${path}/configmaps?limit=1`);
      await client().configMaps(path, ['d']);
      await server().forget();
      const next = await client().get(`${path}/configmaps?limit=1&continue=${first.body.metadata.continue}`);
      expect([next.status, next.body.reason, next.body.code]).toEqual([410, 'Expired', 410]);
      expect(next.body.metadata.continue).toEqual(expect.any(String));
      const inconsistent = await client().get(`${path}/configmaps?continue=${next.body.metadata.continue}`);
      expect(namesOf(inconsistent.body)).toEqual(['b', 'c', 'd']);
      const exact = await client().get(
        `${path}/configmaps?resourceVersionMatch=Exact&resourceVersion=${old}`,
      );
      expect([exact.status, exact.body.reason]).toEqual([410, 'Expired']);
      const newest = await client().get(`${path}/configmaps?resourceVersion=${old}`);
      expect(namesOf(newest.body)).toEqual(['a', 'b', 'c', 'd']);
    });

    it('rule 13: at a version that is forgotten it is an ERROR event of 410 and ends', async () => {
      const { path } = await client().namespace();
      const [old = ''] = await client().configMaps(path, ['a', 'b']);
      await server().forget();
      const watch = await client().watch(`${path}/configmaps?watch=1&resourceVersion=${old}`);
      const events = await watch.rest();
      expect(events).toMatchObject([
        { type: 'ERROR', object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 } },
      ]);
    });
  });
}
