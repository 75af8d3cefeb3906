/** One HTTP request to a server of the cluster, on a connection of its own. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/** How `loopbackRequest` asks: `ca` (PEM) for https URLs, `body` is sent as JSON. */
export interface LoopbackRequestOptions {
  readonly method?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Status and whole body of an answer. */
export interface LoopbackAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Resolves to the answer, whatever its status; rejects if there is none.
 * Connections are not kept: a server that was killed in between would leave a dead one in the pool.
 */
export async function loopbackRequest(
  url: string,
  options: LoopbackRequestOptions = {},
): Promise<LoopbackAnswer> {
  const { method = 'GET', token, ca, body, signal } = options;
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const outgoing = send(url, { method, headers, agent: false, ...(ca && { ca }), ...(signal && { signal }) });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode ?? 0, body: await text(incoming) };
}
