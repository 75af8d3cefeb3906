/** The contract of a list/watch server: the embedded one and the real one pass the same suite. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from './api-client.ts';
import { describeHistory } from './history-contract.ts';
import { describeLists } from './list-contract.ts';
import { describePatches } from './patch-contract.ts';
import { describeResourceTypes } from './resource-type-contract.ts';
import { describeSelectors } from './selector-contract.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { describeWatches } from './watch-contract.ts';
import { describeWrites } from './write-contract.ts';

/** Describes everything that the contract says, against one server. */
export function describeApiServer(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(name, () => {
    let server: ServerUnderTest;
    let client: ApiClient;
    beforeAll(async () => {
      server = await start();
      client = new ApiClient(server);
    });
    afterAll(async () => {
      await client?.close();
      await server?.close();
    });

    it('refuses a token that it does not know', async () => {
      const { status, body } = await client.get('/api/v1/pods', {
        headers: { authorization: 'Bearer wrong' },
      });
      expect([status, body.kind, body.reason, body.message]).toEqual([
        401,
        'Status',
        'Unauthorized',
        'Unauthorized',
      ]);
    });

    describeResourceTypes(() => client);
    describeWrites(() => client);
    describePatches(() => client);
    describeSelectors(() => client);
    describeLists(() => client);
    describeWatches(() => client);
    describeHistory(
      () => client,
      () => server,
    );
  });
}
