import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caData, httpServer, httpsServer, kubeConfigFor } from '../../test-support/loopback-server.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createTransport } from './create-transport.ts';
import { CredentialSource } from './credential-source.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-credentials-'));
});

afterEach(() => rm(folder, { recursive: true }));

function sourceFor(user: Partial<User>, clock = createManualClock()) {
  const kubeConfig = kubeConfigFor({ url: 'https://127.0.0.1:1' }, { user });
  return new CredentialSource(kubeConfig, 'loaded-context', clock);
}

function tokenFile(file: string): Partial<User> {
  return { authProvider: { name: 'tokenFile', config: { tokenFile: file } } };
}

/** An exec plugin that counts its runs in a file and puts the count into the token. */
function countingPlugin(file: string, more = ''): Partial<User> {
  const script = `n=$(($(cat ${file} 2>/dev/null || echo 0) + 1)); echo $n > ${file}; echo '{"kind":"ExecCredential","status":{"token":"token-'$n'"${more}}}'`;
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } };
}

describe('CredentialSource', () => {
  it.each([
    ['a bearer token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['basic auth', { username: 'u', password: 'p' }, { authorization: 'Basic dTpw' }],
    [
      'impersonation',
      { token: 'abc', impersonateUser: 'jane' },
      { authorization: 'Bearer abc', 'impersonate-user': 'jane' },
    ],
    ['nothing', {}, {}],
  ])('gives the headers of %s', async (_what, user, headers) => {
    expect((await sourceFor(user).current()).headers).toEqual(headers);
  });

  it('reads the CA of a cluster whose context has no user', async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromOptions({
      clusters: [{ name: 'c', server: 'https://x', skipTLSVerify: true, caData: 'Y2E=', tlsServerName: 'n' }],
      contexts: [{ name: 'x', cluster: 'c', user: '' }],
      users: [],
      currentContext: 'x',
    });
    const { tls } = await new CredentialSource(kubeConfig, 'x', createManualClock()).current();
    expect(tls).toEqual({ ca: Buffer.from('ca'), rejectUnauthorized: false, servername: 'n' });
  });

  it('keeps its own context when the kubeconfig is switched to another', async () => {
    const kubeConfig = kubeConfigFor({ url: 'https://127.0.0.1:1' }, { user: { token: 'first' } });
    const source = new CredentialSource(kubeConfig, 'loaded-context', createManualClock());
    kubeConfig.addUser({ name: 'second', token: 'second' });
    kubeConfig.addContext({ name: 'other', cluster: 'cluster', user: 'second' });
    kubeConfig.setCurrentContext('other');
    await source.refresh();
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer first' });
  });

  it('reads a token file anew only after refresh, and takes its line end off', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'one\n');
    const clock = createManualClock();
    const source = sourceFor(tokenFile(file), clock);
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer one' });
    await writeFile(file, 'two\n');
    await clock.advance(10_000);
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer one' });
    await source.refresh();
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer two' });
  });

  it('runs an exec plugin once for all who ask, and once more for all who were refused', async () => {
    const clock = createManualClock();
    const source = sourceFor(countingPlugin(join(folder, 'runs')), clock);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => source.current()));
    expect(new Set(tokens.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer token-1']));
    await clock.advance(60_000);
    expect((await source.current()).headers.authorization).toBe('Bearer token-1');
    await Promise.all(Array.from({ length: 20 }, () => source.refresh()));
    await source.refresh();
    expect((await source.current()).headers.authorization).toBe('Bearer token-2');
    await clock.advance(1000);
    await source.refresh();
    expect((await source.current()).headers.authorization).toBe('Bearer token-3');
  });

  it('takes a client certificate from an exec plugin', async () => {
    const more = ',"clientCertificateData":"C","clientKeyData":"K"';
    const { tls } = await sourceFor(countingPlugin(join(folder, 'runs'), more)).current();
    expect(tls).toEqual({ cert: 'C', key: 'K' });
  });

  it('sends the id-token of OIDC, and asks for no new one while a refreshed one is valid', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({})}.${part({ exp: Date.now() / 1000 + 3600 })}.x`;
    const config = { 'id-token': `${part({})}.${part({ exp: 1 })}.x`, 'client-id': 'c' };
    const clock = createManualClock();
    const source = sourceFor({ authProvider: { name: 'oidc', config } }, clock);
    expect((await source.current()).headers).toEqual({});
    // What client-node does after a refresh: the token goes into the user, its lifetime into a field of its own.
    config['id-token'] = idToken;
    await clock.advance(5000);
    expect((await source.current()).headers).toEqual({ authorization: `Bearer ${idToken}` });
  });

  it('honours an authenticator of the user', async () => {
    const kubeConfig = kubeConfigFor(
      { url: 'https://127.0.0.1:1' },
      { user: { authProvider: { name: 'mine' } } },
    );
    kubeConfig.addAuthenticator({
      isAuthProvider: (user) => user.authProvider?.name === 'mine',
      applyAuthentication: async (_user, options) => {
        options.headers = { ...options.headers, Authorization: 'Custom 1' } as typeof options.headers;
      },
    });
    const source = new CredentialSource(kubeConfig, 'loaded-context', createManualClock());
    expect((await source.current()).headers).toEqual({ authorization: 'Custom 1' });
  });

  it.each([
    ['a plugin that is not there', { exec: { command: 'firn-no-such-plugin' } }, /firn-no-such-plugin/],
    [
      'a plugin that fails',
      { exec: { command: 'sh', args: ['-c', 'echo log in first >&2; exit 1'] } },
      /log in first/,
    ],
    ['a token file that is not there', tokenFile('/nonexistent/token'), /\/nonexistent\/token/],
  ])('says what is wrong with %s', async (_what, user, message) => {
    await expect(sourceFor(user).current()).rejects.toMatchObject({
      code: 'CREDENTIALS',
      message: expect.stringMatching(message),
    });
  });

  it('gives up on a plugin that never answers', async () => {
    const clock = createManualClock();
    const current = sourceFor({ exec: { command: 'sleep', args: ['2'] } }, clock).current();
    const refused = expect(current).rejects.toMatchObject({ code: 'CREDENTIALS' });
    await clock.advance(60_000);
    await refused;
  });

  it('never shows what a plugin printed when that is no credential, nor long tokens', async () => {
    const printed = { exec: { command: 'echo', args: ['{"token": sesame-open'] } };
    const error = await sourceFor(printed)
      .current()
      .catch((reason) => reason);
    expect(error).toMatchObject({ code: 'CREDENTIALS' });
    expect(`${error.message} ${error.cause}`).not.toContain('sesame');
    const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';
    const leaky = { exec: { command: 'sh', args: ['-c', `echo bad ${token} >&2; exit 1`] } };
    expect(
      (
        await sourceFor(leaky)
          .current()
          .catch((reason) => reason)
      ).message,
    ).not.toContain('eyJ');
  });

  it('tries again after a failure', async () => {
    const file = join(folder, 'token');
    const source = sourceFor(tokenFile(file));
    await expect(source.current()).rejects.toMatchObject({ code: 'CREDENTIALS' });
    await writeFile(file, 'late');
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer late' });
  });
});

describe('a transport', () => {
  it('rule 15: is let in again after a 401 once a token file was rotated', async () => {
    let valid = 'one';
    await using server = await httpServer((request, response) => {
      response.writeHead(request.headers.authorization === `Bearer ${valid}` ? 200 : 401).end();
    });
    const file = join(folder, 'token');
    await writeFile(file, 'one\n');
    const transport = createTransport(kubeConfigFor(server, { user: tokenFile(file) }));
    const status = async () => (await transport.request({ path: '/x' })).status;
    expect(await status()).toBe(200);
    valid = 'two';
    await writeFile(file, 'two\n');
    expect(await status()).toBe(401);
    await transport.refreshCredentials();
    expect(await status()).toBe(200);
    await transport.close();
  });

  it('opens new connections when the client certificate was changed, and leaves running requests alone', async () => {
    const subjects: unknown[] = [];
    await using server = await httpsServer(
      (request, response) => {
        const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
        subjects.push(subject?.CN);
        response.write('x');
        if (!request.url?.includes('watch')) response.end();
      },
      'server',
      true,
    );
    const certFile = join(folder, 'client.pem');
    const keyFile = join(folder, 'client.key');
    await writeFile(certFile, Buffer.from(caData('client.pem'), 'base64'));
    await writeFile(keyFile, Buffer.from(caData('client.key'), 'base64'));
    const settings = { cluster: { caData: caData() }, user: { certFile, keyFile } };
    const transport = createTransport(kubeConfigFor(server, settings));
    const watch = await transport.request({ path: '/x', query: { watch: '1' } });
    const body = watch.body[Symbol.asyncIterator]();
    await body.next();
    await writeFile(certFile, Buffer.from(caData('server.pem'), 'base64'));
    await writeFile(keyFile, Buffer.from(caData('server.key'), 'base64'));
    await transport.refreshCredentials();
    await transport.request({ path: '/x' }).catch(() => undefined);
    const pending = body.next();
    expect(await Promise.race([pending, 'still open'])).toBe('still open');
    expect(subjects[0]).toBe('client');
    await transport.close();
    await expect(pending).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
