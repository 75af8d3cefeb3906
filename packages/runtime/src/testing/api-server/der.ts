/** Owns the few DER encodings that an X.509 certificate is made of. */

function encode(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  let size = [length];
  if (length > 0xffff) throw new RangeError('a DER value of more than 65,535 bytes is not needed here');
  if (length > 0xff) size = [0x82, length >> 8, length & 0xff];
  else if (length > 0x7f) size = [0x81, length];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** SEQUENCE. */
export function sequence(...members: readonly Uint8Array[]): Buffer {
  return encode(0x30, Buffer.concat(members));
}

/** SET. */
export function setOf(...members: readonly Uint8Array[]): Buffer {
  return encode(0x31, Buffer.concat(members));
}

/** INTEGER from big-endian bytes whose first bit is 0. */
export function integer(bytes: Uint8Array): Buffer {
  return encode(0x02, bytes);
}

/** BOOLEAN. */
export function boolean(value: boolean): Buffer {
  return encode(0x01, Buffer.from([value ? 0xff : 0]));
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return encode(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return encode(0x04, bytes);
}

/** UTF8String. */
export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text));
}

/** UTCTime, to the second. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return encode(0x17, Buffer.from(digits.slice(2)));
}

/** A context-specific tag, around other values or with bytes of its own. */
export function contextTag(number: number, constructed: boolean, content: Uint8Array): Buffer {
  return encode((constructed ? 0xa0 : 0x80) | number, content);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const septets = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return encode(0x06, Buffer.from(bytes));
}
