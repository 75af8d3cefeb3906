/** Compiles the scanner and writes its code where the package takes it from; `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const TARGET = new URL('../src/packed/scanner-code.ts', import.meta.url);
const LINE = 100;
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--initialMemory', '3'];

async function compiled(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['assembly/index.ts', '--outFile', 'scanner.wasm', ...OPTIONS], {
    readFile: (name) => readFile(new URL(name, import.meta.url), 'utf8').catch(() => null),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error === null && binary !== undefined) return binary;
  throw new Error(`The scanner does not compile.\n${stderr.toString()}`, { cause: error });
}

const base64 = Buffer.from(await compiled()).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
const text = `/** The compiled scanner, as base64: written by \`pnpm build:scanner\` from \`scanner/assembly\`. */
export const SCANNER_CODE: string = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
if (!process.argv.includes('--check')) await writeFile(TARGET, text);
else if ((await readFile(TARGET, 'utf8')) !== text) {
  console.error('src/packed/scanner-code.ts is not what its source gives: run `pnpm build:scanner`.');
  process.exitCode = 1;
}
