/** A line to a cluster's API server that a test cuts, silences or takes away: what networks do, and servers cannot. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from '../harness/cluster.ts';
import { formatKubeconfig } from '../harness/format-kubeconfig.ts';

/** What becomes of a connection once the server has sent so many bytes over it. */
interface Limit {
  readonly bytes: number;
  readonly effect: 'cut' | 'silent';
}

/** One connection: the client's end of it, and the server's. */
interface Connection {
  readonly client: Socket;
  readonly server: Socket;
}

/** A loopback port that leads to the API server as long as the test lets it. TLS goes through it untouched. */
export class Line implements AsyncDisposable {
  readonly url: string;
  readonly kubeConfig: KubeConfig = new KubeConfig();
  readonly #port: number;
  readonly #target: number;
  readonly #connections = new Set<Connection>();
  #limits: Limit[] = [];
  #listener: Server;

  private constructor(cluster: Cluster, listener: Server) {
    this.#listener = listener;
    const address = listener.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#target = Number(new URL(cluster.url).port);
    this.url = `https://127.0.0.1:${this.#port}`;
    this.kubeConfig.loadFromString(formatKubeconfig({ url: this.url, ca: cluster.ca, token: cluster.token }));
    listener.on('connection', (client) => this.#join(client));
  }

  /** Opens a line on a free port. */
  static async to(cluster: Cluster): Promise<Line> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Line(cluster, listener);
  }

  /** Resets every connection, in the middle of whatever is on its way. */
  cut(): void {
    for (const connection of this.#connections) reset(connection);
  }

  /** Nothing comes over the connections that are open any more, in either direction; they stay open. */
  silence(): void {
    for (const connection of this.#connections) silence(connection);
  }

  /** The next `count` connections are cut, or fall silent, after so many bytes from the server. */
  limitNext(count: number, limit: Limit): void {
    this.#limits = Array.from({ length: count }, () => limit);
  }

  /** Connections are refused from now on, and those that are open reset. */
  async takeAway(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }

  /** Connections are taken again, at the same port. */
  async giveBack(): Promise<void> {
    this.#listener = createServer((client) => this.#join(client)).listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#listener.listening) await this.takeAway();
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const connection = { client, server };
    this.#connections.add(connection);
    const limit = this.#limits.shift();
    let passed = 0;
    server.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (limit === undefined || passed < limit.bytes) return;
      if (limit.effect === 'cut') reset(connection);
      else silence(connection);
    });
    const leave = (): void => {
      this.#connections.delete(connection);
      client.destroy();
      server.destroy();
    };
    for (const end of [client, server]) end.on('error', leave).on('close', leave);
    client.pipe(server);
    server.pipe(client);
  }
}

function reset({ client, server }: Connection): void {
  client.resetAndDestroy();
  server.destroy();
}

function silence({ client, server }: Connection): void {
  client.unpipe(server).pause();
  server.unpipe(client).pause();
}
