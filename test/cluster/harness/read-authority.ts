/** The authority that kube-apiserver makes for itself when it has no certificate. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

/**
 * Resolves to the authority (PEM) that signed the serving certificate in the API server's certificate folder.
 * undefined: the server has not written it yet. It is made once per folder and stays over restarts.
 */
export async function readAuthority(certificateFolder: string): Promise<string | undefined> {
  const chain = await readFile(join(certificateFolder, 'apiserver.crt'), 'utf8').catch(() => '');
  return chain.match(CERTIFICATE)?.find((pem) => new X509Certificate(pem).ca);
}
