/** Owns the seeds of property tests: the gate draws the same cases every time, a developer fresh ones. */
import fc from 'fast-check';

// One run of the gate must say the same of the same commit. A failure prints its seed: FIRN_SEED repeats it anywhere.
const seed = process.env.FIRN_SEED ?? (process.env.CI ? '20261122' : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
