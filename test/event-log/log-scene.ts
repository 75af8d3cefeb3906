/** Owns the scene of tests that record over a whole server and disk: a server, a folder for the log, small objects. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';

/** A server, and where what it says is recorded. */
export interface LogScene extends AsyncDisposable {
  readonly server: ApiServer;
  readonly folder: string;
}

/** Starts one. */
export async function openScene(): Promise<LogScene> {
  const server = await startApiServer();
  const folder = await mkdtemp(join(tmpdir(), 'firn-log-'));
  return {
    server,
    folder,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** As a watch shows it. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Record<string, string>;
}

/** A ConfigMap with one value, in the namespace `shop`. */
export function map(name: string, value: string): ConfigMap & { readonly data: Record<string, string> } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name }, data: { value } };
}

/** The resource version of what was written. */
export function versionOf({ metadata }: KubernetesObject): string {
  return metadata?.resourceVersion ?? '';
}
