/** Owns what all suites share: sources instead of builds, and counts for the CI where it asks for them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestUserConfig } from 'vitest/config';

const conditions = ['@firn/source', 'node', 'import', 'module', 'default'];

/** A Vitest configuration for one suite; with FIRN_TEST_REPORTS set, its JSON report goes into that folder. */
export function suite(name: string, test: TestUserConfig): ReturnType<typeof defineConfig> {
  const reports = process.env.FIRN_TEST_REPORTS;
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      // Without it, a CommonJS package's default export differs between Vitest and Node.
      deps: { interopDefault: false },
      allowOnly: false,
      setupFiles: [fileURLToPath(new URL('vitest.properties.ts', import.meta.url))],
      ...test,
      exclude: ['**/node_modules/**', '**/dist/**', ...(test.exclude ?? [])],
      ...(reports && {
        reporters: ['default', ['json', { outputFile: join(reports, `${name}.json`) }]],
      }),
    },
  });
}
