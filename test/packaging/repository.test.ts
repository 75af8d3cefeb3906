/** What holds for the repository's files as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGES, packageFolder, ROOT } from '../../scripts/packages.ts';

it.each(['pnpm-lock.yaml', 'docs/pnpm-lock.yaml'])(
  'names no registry in %s, so that any registry serves',
  (path) => {
    const lockfile = readFileSync(join(ROOT, path), 'utf8');
    const addresses = lockfile
      .split('\n')
      .filter((line) => /https?:|tarball:|registry:/.test(line) && !/^\s+deprecated:/.test(line));
    expect(addresses).toEqual([]);
    expect(lockfile).toContain('integrity: sha512-');
  },
);

it('opens every source file with a sentence that says what it owns', () => {
  const sources = [
    ...PACKAGES.map((name) => join(packageFolder(name), 'src')),
    join(ROOT, 'scripts'),
  ].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.ts$/.test(path) && !/\.test(-d)?\.ts$/.test(path))
      .map((path) => join(folder, path)),
  );
  expect(sources.length).toBeGreaterThan(PACKAGES.length);
  const opening = /^(#!.*\n)?\/\*\*\s[\s\S]*?\w[.:)'`]*\s*\*\//;
  expect(sources.filter((path) => !opening.test(readFileSync(path, 'utf8')))).toEqual([]);
});
