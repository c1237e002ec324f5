/** Names as the specification of Avro object container files has them. */
export type AvroCodec = 'null' | 'deflate' | 'snappy' | 'zstandard'

/** Block compression, handed in because this room runs without Node. */
export type AvroCodecs = {
  /** Raw deflate (RFC 1951), no wrapper. */
  deflate(bytes: Uint8Array): Uint8Array
  /**
   * The plain bytes of one block. A snappy block ends with the CRC-32 of its plain bytes, which is checked.
   *
   * @throws {RangeError} when more than `maxBytes` would come out of them; any other error when they are damaged
   */
  decompress(codec: Exclude<AvroCodec, 'null'>, bytes: Uint8Array, maxBytes: number): Uint8Array
}
