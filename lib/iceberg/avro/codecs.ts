/** Names as in the specification of Avro object container files. */
export type AvroCodec = 'null' | 'deflate' | 'snappy' | 'zstandard'

/** Block compression, passed in because `lib/iceberg` runs without Node. */
export type AvroCodecs = {
  /** Raw deflate (RFC 1951), no wrapper. */
  deflate(bytes: Uint8Array): Uint8Array
  /**
   * Returns the uncompressed bytes of one block. A snappy block ends with the CRC-32 of these bytes, which is checked.
   *
   * @throws {RangeError} when the result would exceed `maxBytes`; any other error when the bytes are damaged
   */
  decompress(codec: Exclude<AvroCodec, 'null'>, bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** The codecs that a reader of data files needs. */
export type AvroBlockCodecs = Pick<AvroCodecs, 'decompress'> & {
  /** Loads a codec before its blocks are decompressed. Others are not called. */
  load?(codec: AvroCodec): Promise<void>
}
