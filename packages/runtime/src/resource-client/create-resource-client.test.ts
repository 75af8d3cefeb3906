import { parseGvr } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { type Handler, httpServer, kubeConfigFor } from '../../test-support/loopback-server.ts';
import { type ApiResourceClient, createResourceClient } from './create-resource-client.ts';

const secrets = parseGvr('v1/secrets');
const tls = { namespace: 'shop', name: 'tls' };
const metadata = { ...tls, resourceVersion: '7' };

async function served<T>(handler: Handler, use: (client: ApiResourceClient) => Promise<T>): Promise<T> {
  await using server = await httpServer(handler);
  const client = createResourceClient(kubeConfigFor(server));
  try {
    return await use(client);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const get = (client: ApiResourceClient) => client.get(secrets, tls);

describe('get', () => {
  it('gives the object', async () => {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata };
    const asked: (string | undefined)[] = [];
    const handler: Handler = (request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify(object));
    };
    expect(await served(handler, get)).toEqual(object);
    expect(asked).toEqual(['/api/v1/namespaces/shop/secrets/tls']);
  });

  it('gives undefined for what is gone', async () => {
    expect(
      await served(answering(404, { kind: 'Status', code: 404, reason: 'NotFound' }), get),
    ).toBeUndefined();
  });

  it('rejects with a numeric code and retryAfterSeconds', async () => {
    const error = await served(answering(429, 'slow down', { 'retry-after': '3' }), get).catch(
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: 'ApiError', code: 429, retryAfterSeconds: 3, retryable: true });
    expect(error.message).toContain('slow down');
    const forbidden = served(answering(403, { kind: 'Status', reason: 'Forbidden', message: 'no' }), get);
    await expect(forbidden).rejects.toMatchObject({ code: 403, reason: 'Forbidden', retryable: false });
  });

  it('asks once more with fresh credentials after a 401, and no more than that', async () => {
    let asked = 0;
    const handler: Handler = (_request, response) => {
      asked++;
      response.writeHead(asked % 2 === 1 ? 401 : 200).end(JSON.stringify({ metadata }));
    };
    expect(await served(handler, get)).toMatchObject({ metadata });
    expect(asked).toBe(2);
    await expect(served(answering(401, ''), get)).rejects.toMatchObject({ code: 401 });
  });

  it.each([
    ['an HTML page', '<html>', 'MALFORMED_JSON'],
    ['another kind', { apiVersion: 'meta.k8s.io/v1', kind: 'Table' }, 'WRONG_KIND'],
    ['no RV', { metadata: tls }, 'MISSING_RESOURCE_VERSION'],
  ])('rejects %s', async (_what, body, code) => {
    await expect(served(answering(200, body), get)).rejects.toMatchObject({ code });
  });

  it('rejects with the reason of the signal', async () => {
    const abort = new AbortController();
    const handler: Handler = () => abort.abort('enough');
    const aborted = served(handler, (client) => client.get(secrets, tls, { signal: abort.signal }));
    await expect(aborted).rejects.toBe('enough');
  });

  it('rejects a name that is a path before anything is sent', async () => {
    const escaping = served(answering(200, {}), (client) =>
      client.get(secrets, { namespace: '..', name: 'x' }),
    );
    await expect(escaping).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
});

describe('list', () => {
  it('gives items with apiVersion and kind, the token of the next page and the RV', async () => {
    const asked: (string | undefined)[] = [];
    const body = {
      kind: 'SecretList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '9', continue: 'token' },
      items: [{ metadata }],
    };
    const handler: Handler = (request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify(body));
    };
    const page = { namespace: 'shop', limit: 5, continue: 'before' };
    expect(await served(handler, (client) => client.list(secrets, page))).toEqual({
      items: [{ apiVersion: 'v1', kind: 'Secret', metadata }],
      continue: 'token',
      resourceVersion: '9',
    });
    expect(asked).toEqual(['/api/v1/namespaces/shop/secrets?limit=5&continue=before']);
  });

  it.each([
    [410, 'gone', 410],
    [200, '<html>', 'NOT_A_LIST'],
    [200, { kind: 'SecretList', items: [] }, 'MISSING_RESOURCE_VERSION'],
  ])('rejects %i %j with %s', async (status, body, code) => {
    await expect(served(answering(status, body), (client) => client.list(secrets, {}))).rejects.toMatchObject(
      { code },
    );
  });
});
