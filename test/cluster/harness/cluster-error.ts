/** The one error of the harness: what did not work, where, and the end of the log that may say why. */
export class ClusterError extends Error {
  readonly code: 'CLUSTER' = 'CLUSTER';
  override readonly name = 'ClusterError';
}
