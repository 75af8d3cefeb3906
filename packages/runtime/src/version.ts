/** Owns the version that firn tells servers and users. */

/** The version of this package, as in its `package.json`. */
export const VERSION: string = '0.1.0';
