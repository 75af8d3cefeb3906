import { suite } from './vitest.base.config.ts';

/** The suite about the repository itself: the packed packages as a user installs them, and the gate as it fails. */
export default suite('packaging', {
  include: ['test/packaging/**/*.test.ts'],
  testTimeout: 120_000,
  hookTimeout: 600_000,
});
