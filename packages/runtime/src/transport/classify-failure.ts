/** Owns what a failed connection is called: from the errors of sockets, TLS, HTTP and gzip to a `TransportError`. */
import { TransportError, type TransportErrorCode } from './transport-error.ts';

/** Where a failure happened: before the response's headers, or within its body. */
export type FailurePhase = 'request' | 'body';

interface Diagnosis {
  readonly code: TransportErrorCode;
  readonly says: string;
}

const SYSTEM: Readonly<Record<string, Diagnosis>> = {
  ECONNREFUSED: { code: 'CONNECTION_REFUSED', says: 'refuses connections: is the API server running there?' },
  ECONNRESET: { code: 'CONNECTION_RESET', says: 'closed the connection' },
  EPIPE: { code: 'CONNECTION_RESET', says: 'closed the connection' },
  ECONNABORTED: { code: 'CONNECTION_RESET', says: 'closed the connection' },
  UND_ERR_SOCKET: { code: 'CONNECTION_RESET', says: 'closed the connection' },
  ENOTFOUND: { code: 'DNS', says: 'is a name that cannot be resolved: check the server in the kubeconfig' },
  EAI_AGAIN: { code: 'DNS', says: 'cannot be looked up: the name server does not answer' },
  ETIMEDOUT: { code: 'TIMEOUT', says: 'does not answer: check network, VPN and firewall' },
  UND_ERR_CONNECT_TIMEOUT: {
    code: 'TIMEOUT',
    says: 'does not accept connections: check network and firewall',
  },
  UND_ERR_HEADERS_TIMEOUT: { code: 'TIMEOUT', says: 'took the request but did not answer in time' },
  UND_ERR_BODY_TIMEOUT: { code: 'TIMEOUT', says: 'stopped sending in the middle of a response' },
  EHOSTUNREACH: { code: 'NETWORK', says: 'cannot be reached: there is no route to it' },
  ENETUNREACH: { code: 'NETWORK', says: 'cannot be reached: there is no route to it' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 'TRUNCATED', says: 'sent fewer bytes than it announced' },
  Z_BUF_ERROR: { code: 'TRUNCATED', says: 'sent a compressed response that breaks off' },
  Z_DATA_ERROR: { code: 'NETWORK', says: 'sent a compressed response that is damaged' },
  UND_ERR_HEADERS_OVERFLOW: { code: 'NETWORK', says: 'sent headers that are too large' },
  UND_ERR_ABORTED: { code: 'NETWORK', says: 'is not reached: the proxy refuses the tunnel' },
  UND_ERR_DESTROYED: { code: 'CLOSED', says: 'is not asked any more: the transport is closed' },
  UND_ERR_CLOSED: { code: 'CLOSED', says: 'is not asked any more: the transport is closed' },
};

const UNTRUSTED = 'has a certificate that the certificate-authority of the kubeconfig did not sign';

const TLS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet: check the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name: use the name it is made for, or set tls-server-name in the kubeconfig',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS: should the server in the kubeconfig begin with http://?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'does not speak TLS: should the server in the kubeconfig begin with http://?',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'wants a client certificate, and the kubeconfig has none',
};

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

function diagnose(error: unknown): Diagnosis {
  const code = codeOf(error);
  const system = SYSTEM[code];
  if (system !== undefined) return system;
  const says = TLS[code];
  if (says !== undefined) return { code: 'TLS', says };
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|EPROTO|CRL_|INVALID_CA|HOSTNAME_MISMATCH)/.test(code)) {
    return { code: 'TLS', says: `cannot be spoken to over TLS (${code})` };
  }
  if (code.startsWith('EAI_')) return { code: 'DNS', says: `cannot be looked up (${code})` };
  if (isParserError(error)) return { code: 'NETWORK', says: 'does not answer as an HTTP server does' };
  if (code.startsWith('ERR_HTTP2_') || code === 'UND_ERR_INFO') {
    return { code: 'CONNECTION_RESET', says: 'ended the HTTP/2 stream' };
  }
  return { code: 'NETWORK', says: code === '' ? 'cannot be spoken to' : `cannot be spoken to (${code})` };
}

/** undici's HTTP parser gave up; mostly it gives no code. */
function isParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'HTTPParserError';
}

/** The parser keeps what it could not read, which may be part of a Secret: that goes no further. */
function withoutContents(error: unknown): unknown {
  return isParserError(error) ? new Error(error.message) : error;
}

/** Names a failure; a body that ends with its connection is truncated, unless the connection was reset. */
export function classifyFailure(error: unknown, host: string, phase: FailurePhase): TransportError {
  if (error instanceof TransportError) return error;
  const { code, says } = diagnose(error);
  if (phase === 'body' && code === 'CONNECTION_RESET' && codeOf(error) !== 'ECONNRESET') {
    return new TransportError(`${host} broke off in the middle of a response.`, {
      code: 'TRUNCATED',
      cause: error,
    });
  }
  const end = says.endsWith('?') ? '' : '.';
  return new TransportError(`${host} ${says}${end}`, { code, cause: withoutContents(error) });
}
