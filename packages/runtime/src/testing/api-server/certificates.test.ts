import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';

describe('createCertificates', () => {
  it('makes a CA and a certificate for loopback that it signed', () => {
    const { ca, cert } = createCertificates();
    const authority = new X509Certificate(ca);
    const server = new X509Certificate(cert);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect([authority.verify(authority.publicKey), server.verify(authority.publicKey)]).toEqual([true, true]);
    expect([server.checkIP('127.0.0.1'), server.checkHost('localhost')]).toEqual(['127.0.0.1', 'localhost']);
    expect(server.checkHost('example.com')).toBeUndefined();
  });

  it('is different each time, and trusted only by its own CA', async () => {
    const { cert, key, ca } = createCertificates();
    const { ca: other } = createCertificates();
    const server = createServer({ cert, key }, (socket) => socket.end('hello'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const trusted = connectTls({ port, host: '127.0.0.1', ca });
    await once(trusted, 'secureConnect');
    expect(trusted.authorized).toBe(true);
    trusted.destroy();
    const refused = connectTls({ port, host: '127.0.0.1', ca: other });
    await expect(once(refused, 'secureConnect')).rejects.toThrow();
    server.close();
  });
});
