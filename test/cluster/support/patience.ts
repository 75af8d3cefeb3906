/** How long the suite waits for a condition: a busy machine may take this long, it is not what tests are about. */
export const PATIENCE = { timeout: 60_000, interval: 50 } as const;
