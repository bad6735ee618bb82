/** A part of a protobuf message: one field. */
export type Part = Uint8Array;

/** Writes protobuf by hand, field by field in any order, as encoders of other languages do. */
export interface ProtoWriter {
  message(field: number, ...parts: readonly Part[]): Part;
  text(field: number, value: string): Part;
  bytes(field: number, value: Uint8Array): Part;
  /** A varint: an integer, an enum or a truth value. */
  varint(field: number, value: number | bigint): Part;
  fixed32(field: number, value: number): Part;
  fixed64(field: number, value: bigint): Part;
  double(field: number, value: number): Part;
}

/**
 * Builds a writer.
 *
 * @param lengthBytes how many bytes a message's length takes at least: who reserves room for it before it is known pads it
 */
export function protoWriter(lengthBytes: number = 1): ProtoWriter {
  const withTag = (field: number, wireType: number, ...rest: readonly Uint8Array[]): Part =>
    Buffer.concat([varintOf(BigInt((field << 3) | wireType), 1), ...rest]);
  const long = (field: number, value: Uint8Array, least: number): Part =>
    withTag(field, 2, varintOf(BigInt(value.length), least), value);
  return {
    message: (field, ...parts) => long(field, Buffer.concat(parts), lengthBytes),
    text: (field, value) => long(field, Buffer.from(value), 1),
    bytes: (field, value) => long(field, value, 1),
    varint: (field, value) => withTag(field, 0, varintOf(BigInt.asUintN(64, BigInt(value)), 1)),
    fixed32: (field, value) => {
      const own = Buffer.alloc(4);
      own.writeUInt32LE(value);
      return withTag(field, 5, own);
    },
    fixed64: (field, value) => {
      const own = Buffer.alloc(8);
      own.writeBigUInt64LE(BigInt.asUintN(64, value));
      return withTag(field, 1, own);
    },
    double: (field, value) => {
      const own = Buffer.alloc(8);
      own.writeDoubleLE(value);
      return withTag(field, 1, own);
    },
  };
}

function varintOf(value: bigint, least: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  while (left > 0x7fn || bytes.length < least - 1) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}
