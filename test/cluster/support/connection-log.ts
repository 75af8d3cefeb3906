/** The connections that this process opens to a cluster, noted where they are opened. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Cluster } from '../harness/cluster.ts';

const CHANNEL = 'undici:client:connected';

interface Connected {
  readonly connectParams: { readonly port: string };
  readonly socket: { readonly alpnProtocol?: string | false };
}

/** Notes the protocol of each connection that undici opens to a cluster's API server. */
export class ConnectionLog implements Disposable {
  /** `h2`, or `http/1.1` where nothing else was agreed upon. */
  readonly protocols: string[] = [];
  readonly #note: (message: unknown) => void;

  constructor(cluster: Cluster) {
    const { port } = new URL(cluster.url);
    this.#note = (message) => {
      const { connectParams, socket } = message as Connected;
      if (connectParams.port === port) this.protocols.push(socket.alpnProtocol || 'http/1.1');
    };
    subscribe(CHANNEL, this.#note);
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#note);
  }
}
