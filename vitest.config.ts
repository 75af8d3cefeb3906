import { suite } from './vitest.base.config.ts';

/** What `pnpm test` runs: everything that needs neither a build nor a real API server. */
export default suite('test', {
  include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
  exclude: ['**/*.cluster.test.ts', 'test/packaging/**'],
  testTimeout: 20_000,
});
