import { suite } from './vitest.base.config.ts';

/** The suite against a real kube-apiserver: one file at a time, each starts servers of its own. */
export default suite('cluster', {
  include: ['test/**/*.cluster.test.ts'],
  fileParallelism: false,
  testTimeout: 180_000,
  hookTimeout: 3_600_000,
});
