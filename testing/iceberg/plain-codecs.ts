import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'

/** Uncompressed blocks, whatever codec their file claims. For files that a test writes and reads itself. */
export const plainCodecs: AvroCodecs = { deflate: (bytes) => bytes, decompress: (_codec, bytes) => bytes }
