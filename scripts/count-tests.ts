/**
 * Sums up the test reports below a folder: one folder for each stage of the CI, with the JSON reports that
 * Vitest wrote. Prints `N passed, N failed` as its last line; the exit code is 1 if any failed or nothing ran.
 *
 *     node scripts/count-tests.ts FOLDER [FAILED_STAGE...]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** A file that could not even be loaded has no test that failed, and counts as one; so does a skipped test. */
function count(report: Report): Counts {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + report.numPendingTests + report.numTodoTests + broken;
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed };
}

const [folder, ...failedStages] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/count-tests.ts FOLDER [FAILED_STAGE...]');

let passed = 0;
let failed = 0;
let isEmpty = false;
const stages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name: stage } of stages) {
  let failedInStage = 0;
  let ran = 0;
  for (const file of readdirSync(join(folder, stage)).sort()) {
    const counts = count(JSON.parse(readFileSync(join(folder, stage, file), 'utf8')));
    console.log(`${stage}/${file}: ${counts.passed} passed, ${counts.failed} failed`);
    passed += counts.passed;
    failedInStage += counts.failed;
    ran += counts.passed + counts.failed;
  }
  if (ran === 0) {
    console.log(`${stage}: no test ran`);
    isEmpty = true;
  }
  // A stage that failed by anything else than a test must not look green in the last line.
  if (failedInStage === 0 && failedStages.includes(stage)) failedInStage = 1;
  failed += failedInStage;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && failedStages.length === 0 && !isEmpty && passed > 0 ? 0 : 1);
