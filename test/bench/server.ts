/** Owns the server of the benchmark, a process of its own: bytes made beforehand, so that it is not what limits. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ingress } from './ingress-fixture.ts';

const count = Number(process.argv[2]);
const events = Number(process.argv[3]);

const items = Array.from({ length: count }, (_, i) => ingress(i, i + 1));
const list = Buffer.from(
  `{"kind":"IngressList","apiVersion":"networking.k8s.io/v1","metadata":{"resourceVersion":"${count}"},"items":[${items.map((item) => JSON.stringify(item)).join(',')}]}`,
);
const added = Buffer.from(
  items.map((item) => `${JSON.stringify({ type: 'ADDED', object: item })}\n`).join(''),
);
const endOfList = Buffer.from(
  `${JSON.stringify({
    type: 'BOOKMARK',
    object: {
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { resourceVersion: String(count), annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  })}\n`,
);
const modified = Buffer.concat(
  Array.from({ length: events }, (_, i) =>
    Buffer.from(`${JSON.stringify({ type: 'MODIFIED', object: ingress(i % count, count + i + 1) })}\n`),
  ),
);
let watching: ServerResponse | undefined;

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  response.writeHead(200, { 'content-type': 'application/json' });
  if (query.get('watch') === null) {
    response.end(list);
    return;
  }
  response.flushHeaders();
  watching = response;
  if (query.get('sendInitialEvents') === 'true') {
    response.write(added);
    response.write(endOfList);
  }
});

process.on('message', (message) => {
  if (message === 'burst') watching?.write(modified);
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
