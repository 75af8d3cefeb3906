/** Owns the certificates of a server with TLS: a CA and a server certificate that it signed, made anew each time. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import {
  bitString,
  boolean,
  contextTag,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  utcTime,
  utf8String,
} from './der.ts';

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const DAY = 24 * 60 * 60 * 1000;

function commonName(name: string): Buffer {
  return sequence(setOf(sequence(objectId('2.5.4.3'), utf8String(name))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

const CA_EXTENSIONS = [
  extension('2.5.29.19', true, sequence(boolean(true))),
  // Key usage: certificate signing.
  extension('2.5.29.15', true, Buffer.from([0x03, 0x02, 0x02, 0x04])),
];
const SERVER_EXTENSIONS = [
  // Key usage: digital signature; extended: server authentication.
  extension('2.5.29.15', true, Buffer.from([0x03, 0x02, 0x07, 0x80])),
  extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
  // Alternative names: localhost, 127.0.0.1.
  extension(
    '2.5.29.17',
    false,
    sequence(
      contextTag(2, false, Buffer.from('localhost')),
      contextTag(7, false, Buffer.from([127, 0, 0, 1])),
    ),
  ),
];

interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function issue(request: CertificateRequest): Buffer {
  const now = Date.now();
  // The top bit is cleared: a serial number is positive.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    contextTag(0, true, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    commonName(request.issuer),
    sequence(utcTime(new Date(now - DAY)), utcTime(new Date(now + 365 * DAY))),
    commonName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    contextTag(3, true, sequence(...request.extensions)),
  );
  const signature = sign('sha256', toBeSigned, request.signingKey);
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature));
}

function pem(certificate: Buffer): string {
  return new X509Certificate(certificate).toString();
}

/** Makes a CA and a certificate for `127.0.0.1` and `localhost`, good for a year. */
export function createCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = 'firn embedded API server CA';
  const ca = issue({
    subject: issuer,
    issuer,
    publicKey: authority.publicKey,
    signingKey: authority.privateKey,
    extensions: CA_EXTENSIONS,
  });
  const cert = issue({
    subject: 'firn embedded API server',
    issuer,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    extensions: SERVER_EXTENSIONS,
  });
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ca: pem(ca), cert: pem(cert), key };
}
