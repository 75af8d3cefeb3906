/** Creates thousands of objects as fast as the API server takes them. */
import { Pool } from 'undici';
import type { Cluster } from '../harness/cluster.ts';

const AT_ONCE = 48;

/** Posts one object after another to a collection's path, many at once. */
export async function createMany(cluster: Cluster, path: string, objects: readonly object[]): Promise<void> {
  const pool = new Pool(cluster.url, { connections: 4, connect: { ca: cluster.ca }, allowH2: true });
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  const waiting = objects.values();
  const post = async (): Promise<void> => {
    for (const object of waiting) {
      const { statusCode, body } = await pool.request({
        path,
        method: 'POST',
        headers,
        body: JSON.stringify(object),
      });
      const answer = await body.text();
      if (statusCode !== 201) throw new Error(`POST ${path}: ${statusCode} ${answer}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, post));
  } finally {
    await pool.destroy();
  }
}
