/** The packages as they would be published: what is in them, and what their manifests promise. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Manifest, PACKAGES, ROOT } from '../../scripts/packages.ts';
import { examine, packPackages, textOf } from './packed-packages.ts';

const into = mkdtempSync(join(tmpdir(), 'firn-pack-'));
afterAll(() => rmSync(into, { recursive: true, force: true }));
const packages = packPackages(into);

describe.each(packages)('$name', (packed) => {
  const manifest: Manifest = JSON.parse(textOf(packed, 'package.json'));
  const { files } = packed;
  const ending = (end: string): readonly string[] => files.filter((file) => file.endsWith(end));

  it('holds the build, its types, JSON schemas, the licence and a README, and nothing else', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js']));
    const others = files.filter(
      (file) => !/^(LICENSE|README\.md|package\.json|[\w-]+\.schema\.json)$/.test(file),
    );
    expect(others.filter((file) => !/^dist\/[\w/-]+\.(js|js\.map|d\.ts)$/.test(file))).toEqual([]);
  });

  it('has types and a source map for every module', () => {
    const modules = ending('.js');
    expect(ending('.d.ts')).toEqual(modules.map((file) => file.replace(/\.js$/, '.d.ts')));
    expect(ending('.js.map')).toEqual(modules.map((file) => `${file}.map`));
  });

  it('carries the sources inside its source maps', () => {
    for (const file of ending('.js.map')) {
      const { sources, sourcesContent } = JSON.parse(textOf(packed, file));
      expect(sourcesContent, file).toHaveLength(sources.length);
      expect(
        sourcesContent.every((text: unknown) => typeof text === 'string' && text !== ''),
        file,
      ).toBe(true);
    }
  });

  it('names no folder of the machine that built it', () => {
    expect(files.filter((file) => textOf(packed, file).includes(ROOT))).toEqual([]);
  });

  it('exports files that it holds, and sources to nobody', () => {
    expect(Object.keys(manifest.exports)).toContain('.');
    for (const [entry, target] of Object.entries(manifest.exports)) {
      const conditions = typeof target === 'string' ? { default: target } : target;
      const expected = entry.endsWith('.json') ? ['default'] : ['types', 'default'];
      expect(Object.keys(conditions), entry).toEqual(expected);
      for (const file of Object.values(conditions)) expect(files).toContain(file.replace('./', ''));
    }
  });

  it('depends on the other packages in this very version', () => {
    const { dependencies = {}, version } = manifest;
    for (const name of PACKAGES) expect([undefined, `^${version}`]).toContain(dependencies[`@firn/${name}`]);
  });

  it('brings executable commands', () => {
    for (const file of Object.values(manifest.bin ?? {})) {
      const path = file.replace('./', '');
      expect(textOf(packed, path)).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect(statSync(join(packed.folder, path)).mode & 0o111).toBe(0o111);
    }
  });

  it('pleases publint', () => {
    expect(examine('publint', 'run', packed.tarball, '--strict')).toContain('All good!');
  });

  it('pleases are-the-types-wrong, as a package of ES modules only', () => {
    const verdict = examine(
      'attw',
      packed.tarball,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-emoji',
    );
    expect(verdict).toContain('node16 (from ESM): OK (ESM)');
  });
});
