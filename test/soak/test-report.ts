/** Owns what the gate counts of a soak: one test, passed or failed, where it asks for reports. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Leaves a report as those of the test suites in the folder that `FIRN_TEST_REPORTS` names. */
export async function writeTestReport(passed: boolean): Promise<void> {
  const folder = process.env.FIRN_TEST_REPORTS;
  if (folder === undefined) return;
  const report = {
    success: passed,
    numPassedTests: passed ? 1 : 0,
    numFailedTests: passed ? 0 : 1,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  };
  await writeFile(join(folder, `soak-${process.pid}.json`), JSON.stringify(report));
}
