import { describe, expect, it } from 'vitest';
import { answerOpenApi } from './openapi.ts';
import { Registry } from './registry.ts';

function ask(path: string, accept: string): { contentType: string; body: string } {
  const { contentType, body } = answerOpenApi(new Registry(), path, accept);
  return { contentType, body: Buffer.from(body).toString() };
}

describe('answerOpenApi', () => {
  it('gives version 2 in protobuf where it is asked for so, for kubectl reads no other', () => {
    expect(ask('/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf')).toEqual({
      contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
      // Field 1, a text of 3 bytes.
      body: '\n\x032.0',
    });
    const { contentType, body } = ask('/openapi/v2', 'application/json');
    expect(contentType).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({ swagger: '2.0', definitions: {} });
  });

  it('knows no groups but those that are served', () => {
    expect(JSON.parse(ask('/openapi/v3', '*/*').body)).toEqual({ paths: {} });
    expect(() => ask('/openapi/v3/apis/example.com/v1', '*/*')).toThrow(
      expect.objectContaining({ code: 'NotFound' }),
    );
  });
});
