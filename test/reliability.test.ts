/** What RELIABILITY.md and the peers' scenarios say of tests: each that they name has to be there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENTS = ['RELIABILITY.md', 'test/peers/README.md'];
const RULES = 29;

/** A link to a file of this repository, and the names in “quotes” behind it. */
const LINK = /\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)((?:\s*“[^”]*”)*)/g;

/** A test's name where it is written down: behind the number of its rule, if it has one. */
function isNamed(source: string, name: string): boolean {
  const isBeginning = name.endsWith(' …');
  const text = (isBeginning ? name.slice(0, -2) : name).replace(/\s+/g, ' ');
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const number = String.raw`(?:rules? \d[^:'\n]{0,20}: |property: )?`;
  return new RegExp(`['"\`]${number}${escaped}${isBeginning ? '' : '[\'"`]'}`).test(source);
}

/** What a document points to and is not there. */
function missingIn(text: string, folder: string): string[] {
  return [...text.matchAll(LINK)].flatMap(([, path = '', quoted = '']) => {
    const file = resolve(folder, path);
    if (!existsSync(file)) return [path];
    const names = [...quoted.matchAll(/“([^”]*)”/g)].map(([, name = '']) => name);
    if (names.length === 0) return [];
    const source = readFileSync(file, 'utf8');
    return names.filter((name) => !isNamed(source, name)).map((name) => `${path}: ${name}`);
  });
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');

  it('names tests that are there, in files that are there', () => {
    expect(text.match(/\]\([^)]+\.ts\) “/g)?.length).toBeGreaterThan(80);
    expect(missingIn(text, dirname(join(ROOT, document)))).toEqual([]);
  });

  it('quotes nothing but what stands behind a link to its file', () => {
    const linked = text.replaceAll(LINK, '');
    expect([...linked.matchAll(/“([^”]*)”/g)].map(([, name]) => name).sort()).toEqual(
      document === 'RELIABILITY.md' ? ['not older than', 'not older than', 'quotes'] : ['quotes'],
    );
  });
});

describe('what is found missing', () => {
  const here = 'reliability.test.ts';

  it.each([
    ['a file', '[gone](test/gone.test.ts) “a name”', ['test/gone.test.ts']],
    ['a name', `[this](test/${here}) “another name …”`, [`test/${here}: another name …`]],
    ['a name that goes on', `[this](test/${here}) “names tests”`, [`test/${here}: names tests`]],
    ['nothing', `[this](test/${here}) “names tests that are there, …”`, []],
  ])('is %s', (_, text, missing) => {
    expect(missingIn(text, ROOT)).toEqual(missing);
  });
});

it('has a row for each of the rules, with tests in both columns or the reason why not', () => {
  const text = readFileSync(join(ROOT, 'RELIABILITY.md'), 'utf8');
  const rows = text
    .split('\n')
    .map((line) => /^\| (\d+) \|/.exec(line) && line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cells) => cells !== null);
  const numbers = new Set(rows.map(([, number]) => Number(number)));
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: RULES }, (_, index) => index + 1));
  for (const cells of rows) {
    expect(cells).toHaveLength(7);
    const [, , , , without = '', real = ''] = cells;
    expect(without).toMatch(/\.ts\)|Nothing to prove/);
    expect(real).toMatch(/\.ts\)|annot be had|No server has a part|Nothing to prove/);
  }
});
