/** Bearer tokens as kube-apiserver reads them from a file. */
import { ClusterError } from './cluster-error.ts';

/** Who comes in with a token. What they may do is RBAC's; the group `system:masters` may do everything. */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
}

/**
 * The text of a token file: CSV of token, user, uid and groups.
 *
 * @throws {ClusterError} for an empty token or user, or a comma in a group, which the format cannot express.
 */
export function formatTokenFile(tokens: readonly StaticToken[]): string {
  return tokens.map(formatToken).join('');
}

function formatToken({ token, user, uid, groups = [] }: StaticToken): string {
  if (token === '' || user === '') throw new ClusterError('a static token needs a token and a user');
  if (groups.some((group) => group.includes(','))) {
    throw new ClusterError(`a group of user ${user} contains a comma, which a token file cannot express`);
  }
  return `${[token, user, uid ?? user, groups.join(',')].map(quote).join(',')}\n`;
}

function quote(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}
