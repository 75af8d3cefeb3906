/** The gate itself: it passes what is clean and fails on every violation planted here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlantedWorkspace } from './planted-workspace.ts';

let workspace: PlantedWorkspace;
beforeEach(() => {
  workspace = new PlantedWorkspace();
});
afterEach(() => workspace[Symbol.dispose]());

const CORE = 'packages/core/src/planted.ts';
const STORES = 'packages/stores/src/planted.ts';
const RUNTIME = 'packages/runtime/src/planted.ts';

/** An import that is used and re-exported under another name, so that nothing but its source is at fault. */
const importing = (from: string): string =>
  `import { clean } from '${from}';\n\nexport const planted: string = clean;\n`;
const manyLines = (count: number): string =>
  Array.from({ length: count }, (_, i) => `export const line${i}: number = ${i};\n`).join('');
const statement = (code: string): string => `export function planted(): void {\n  ${code}\n}\n`;

describe('lint', () => {
  const lint = () => workspace.run('biome', 'lint', '--error-on-warnings', '--max-diagnostics=50', '.');

  it('passes a clean workspace', () => {
    expect(lint()).toMatchObject({ code: 0 });
  });

  it.each([
    ['value', "import { b } from './b.ts';", "import { a } from './a.ts';"],
    ['type', "import type { b } from './b.ts';", "import type { a } from './a.ts';"],
  ])('fails on a cycle of %s imports', (_kind, importB, importA) => {
    workspace.plant({
      'packages/core/src/a.ts': `${importB}\n\nexport const a: () => unknown = () => null as typeof b | null;\n`,
      'packages/core/src/b.ts': `${importA}\n\nexport const b: () => unknown = () => null as typeof a | null;\n`,
    });
    const { code, output } = lint();
    expect(code).toBe(1);
    expect(output).toMatch(/core\/src\/a\.ts:\d+:\d+ lint\/suspicious\/noImportCycles/);
  });

  it.each([
    ['core', 'runtime by name', CORE, '@firn/runtime'],
    ['core', "runtime's testing entry", CORE, '@firn/runtime/testing'],
    ['core', 'stores by name', CORE, '@firn/stores'],
    ['core', 'runtime by path', CORE, '../../runtime/src/index.ts'],
    ['core', 'the tests', CORE, '../../../test/planted.ts'],
    ['stores', 'runtime by name', STORES, '@firn/runtime'],
    ['stores', 'core by path', STORES, '../../core/src/index.ts'],
    ['runtime', 'the tests', RUNTIME, '../../../test/planted.ts'],
    ['a test of core', 'runtime', 'packages/core/src/planted.test.ts', '@firn/runtime'],
  ])('fails when %s imports %s', (_who, _what, path, from) => {
    workspace.plant({
      [path]: importing(from),
      'test/planted.ts': "export const clean: string = 'test';\n",
    });
    const { code, output } = lint();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`${path}:1:\\d+ lint/style/noRestrictedImports`));
  });

  it.each([
    ['Date.now()', 'noJsRestrictedProperties'],
    ['Math.random()', 'noJsRestrictedProperties'],
    ['setTimeout(planted, 1)', 'noRestrictedGlobals'],
    ['setInterval(planted, 1)', 'noRestrictedGlobals'],
    ['performance.now()', 'noRestrictedGlobals'],
    ["console.log('planted')", 'noConsole'],
    ['String(process.pid)', 'noRestrictedGlobals'],
    ['String(new Date())', 'plugin'],
  ])('fails on %s in core and in stores', (code, rule) => {
    workspace.plant({ [CORE]: statement(`${code};`), [STORES]: statement(`${code};`) });
    const { code: status, output } = lint();
    expect(status).toBe(1);
    for (const path of [CORE, STORES]) {
      expect(output).toMatch(new RegExp(`${path}:2:\\d+ (lint/\\w+/)?${rule} `));
    }
  });

  it.each(['node:fs', 'node:http', 'node:timers/promises', 'node:crypto'])(
    'fails when core imports what is impure of %s',
    (from) => {
      workspace.plant({ [CORE]: importing(from) });
      const { code, output } = lint();
      expect(code).toBe(1);
      expect(output).toMatch(new RegExp(`${CORE}:1:\\d+ lint/style/noRestrictedImports`));
    },
  );

  it('lets core hash and yield', () => {
    workspace.plant({
      [CORE]:
        "import { createHash } from 'node:crypto';\nimport { setImmediate } from 'node:timers/promises';\n\n" +
        'export const planted: readonly unknown[] = [createHash, setImmediate];\n',
    });
    expect(lint()).toMatchObject({ code: 0 });
  });

  it.each([
    ['an any', 'export const planted: any = 1;\n', 'noExplicitAny'],
    ['a default export', 'export default 1;\n', 'noDefaultExport'],
    ['an export of everything', "export * from './index.ts';\n", 'noReExportAll'],
    ['a switched-off type error', '// @ts-ignore\nexport const planted: string = 1;\n', 'noTsIgnore'],
    ['a promise that nobody awaits', statement('Promise.reject(new Error());'), 'noFloatingPromises'],
    ['a file of 301 lines', manyLines(301), 'noExcessiveLinesPerFile'],
  ])('fails on %s', (_what, text, rule) => {
    workspace.plant({ [RUNTIME]: text });
    const { code, output } = lint();
    expect(code).toBe(1);
    expect(output).toContain(`/${rule} `);
  });

  it('fails on a skipped test', () => {
    workspace.plant({
      'test/planted.test.ts': "import { it } from 'vitest';\n\nit.skip('does nothing', () => {});\n",
    });
    expect(lint().output).toContain('lint/suspicious/noSkippedTests');
  });
});

describe('types', () => {
  const types = () => workspace.run('tsc', '-b', 'tsconfig.json');

  it('pass a clean workspace with an import down', () => {
    workspace.plant({ [RUNTIME]: importing('@firn/core') });
    expect(types()).toMatchObject({ code: 0 });
  });

  it('fail when core imports runtime by name: pnpm gives a package only what it declares', () => {
    workspace.plant({ [CORE]: importing('@firn/runtime') });
    const { code, output } = types();
    expect(code).not.toBe(0);
    expect(output).toContain(`${CORE}(1,23): error TS2307`);
  });

  it('fail when core imports runtime by path: a project holds only its own files', () => {
    workspace.plant({ [CORE]: importing('../../runtime/src/index.ts') });
    const { code, output } = types();
    expect(code).not.toBe(0);
    expect(output).toMatch(/error TS(6059|6307)/);
  });
});

describe('dead code', () => {
  const knip = () => workspace.run('knip', '--no-progress');

  it('fails on a file that nobody imports, and on an export that nobody uses', () => {
    workspace.plant({
      [RUNTIME]: 'export const used: number = 1;\nexport const unused: number = 2;\n',
      'packages/runtime/src/index.ts': "export { used } from './planted.ts';\n",
      [CORE]: importing('./index.ts'),
    });
    const { code, output } = knip();
    expect(code).toBe(1);
    expect(output).toMatch(/Unused files[\s\S]*packages\/core\/src\/planted\.ts/);
    expect(output).toMatch(/Unused exports[\s\S]*unused +packages\/runtime\/src\/planted\.ts/);
  });
});
