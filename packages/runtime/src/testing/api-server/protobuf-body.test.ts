import { describe, expect, it } from 'vitest';
import { decodeProtobufBody } from './protobuf-body.ts';

function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

function body(kind: string, ...fields: readonly Buffer[]): Buffer {
  const typeMeta = Buffer.concat([field(1, 'v1'), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, Buffer.concat(fields))]);
}

const METADATA = field(1, Buffer.concat([field(1, 'a'), field(2, ''), field(8, '')]));

describe('decodeProtobufBody', () => {
  it('reads maps, bytes, and lists, and leaves out what is empty', () => {
    const entry = Buffer.concat([field(1, 'k'), field(2, 'v')]);
    expect(decodeProtobufBody(body('Secret', METADATA, field(2, entry), field(3, 'Opaque')))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { k: 'dg==' },
      type: 'Opaque',
    });
    const finalizers = field(2, Buffer.concat([field(1, 'x'), field(1, 'y')]));
    expect(decodeProtobufBody(body('Namespace', METADATA, finalizers))).toMatchObject({
      spec: { finalizers: ['x', 'y'] },
    });
  });

  it('reads what client-go writes: services, with owners, named ports, and without what only the server says', () => {
    const fromGo =
      'azhzAAoNCgJ2MRIHU2VydmljZRKgAQpKCgFzEgAaACIAKgAyADgAQgBKCAiA4s+qBhAAWgYKAWESAWJqFwoJQ29uZmlnTWFwGgFvIgF1KgJ2MTABigELCgFtEgAaADIAQgASTgoXCgF4EgNUQ1AYUCIJCAEQABoDd2ViKAAKEgoBeRIAGFEiBwgAEJE/GgAoABIGCgFhEgFiGgAiCUNsdXN0ZXJJUDoAQgBSAFoAYABoABoCCgAaACIA';
    expect(decodeProtobufBody(Buffer.from(fromGo, 'base64'))).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 's',
        labels: { a: 'b' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', controller: true }],
      },
      spec: {
        type: 'ClusterIP',
        selector: { a: 'b' },
        ports: [
          { name: 'x', protocol: 'TCP', port: 80, targetPort: 'web' },
          { name: 'y', port: 81, targetPort: 8081 },
        ],
      },
      status: { loadBalancer: {} },
    });
  });

  it('reads what client-go writes: ingresses, whose rules stand beside their hosts', () => {
    const fromGo =
      'azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJqChEKAWkSABoAIgAqADIAOABCABJDEhIKDWEuZXhhbXBsZS5jb20SAXQaLQoNYS5leGFtcGxlLmNvbRIcChoKGAoBLxILIgkKAXMSBAoAEFAaBlByZWZpeBoQCg4KDAoIMTAuMC4wLjESABoAIgA=';
    const backend = { service: { name: 's', port: { number: 80 } } };
    expect(decodeProtobufBody(Buffer.from(fromGo, 'base64'))).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'i' },
      spec: {
        tls: [{ hosts: ['a.example.com'], secretName: 't' }],
        rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
    });
  });

  it('reads quantities, zeros that mean something, and numbers below zero', () => {
    const quantity = Buffer.concat([field(1, 'pods'), field(2, field(1, '3'))]);
    expect(decodeProtobufBody(body('ResourceQuota', METADATA, field(2, field(1, quantity))))).toMatchObject({
      spec: { hard: { pods: '3' } },
    });
    // Ten bytes of two's complement, as Go writes every number below zero; then a zero.
    const priority = Buffer.from([0xc8, 0x01, 0xfb, ...Array(8).fill(0xff), 0x01]);
    const grace = Buffer.from([0x20, 0x00]);
    expect(
      decodeProtobufBody(body('Pod', METADATA, field(2, Buffer.concat([grace, priority])))),
    ).toMatchObject({
      spec: { terminationGracePeriodSeconds: 0, priority: -5 },
    });
  });

  it.each<[string, Buffer]>([
    ['no magic', Buffer.from('{}')],
    ['another kind', body('Binding', METADATA)],
    ['an unknown field', body('ConfigMap', METADATA, field(9, 'x'))],
    ['a truncated body', body('ConfigMap', METADATA).subarray(0, -3)],
    ['a number where text belongs', body('ConfigMap', Buffer.from([8, 1]))],
    ['a wire type of old', body('ConfigMap', Buffer.from([13, 1, 1, 1, 1]))],
    ['a number without an end', Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)])],
  ])('refuses %s with 415', (_, bytes) => {
    expect(() => decodeProtobufBody(bytes)).toThrow(
      expect.objectContaining({ code: 'UnsupportedMediaType' }),
    );
  });
});
