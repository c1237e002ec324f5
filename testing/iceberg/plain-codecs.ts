import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'

/** Blocks that are not compressed, whatever their file says. For files that a test writes and reads itself. */
export const plainCodecs: AvroCodecs = { deflate: (bytes) => bytes, decompress: (_codec, bytes) => bytes }
