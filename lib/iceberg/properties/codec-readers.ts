import type { CompressionCodec } from './compression'

/**
 * Engines that cannot read pages of a codec as they are installed. parquet-java has the codecs of Spark and Flink; its
 * brotli needs a native library that neither includes. Tested with the versions that `honouredBy` names.
 */
const CANNOT_READ: Partial<Record<CompressionCodec, readonly string[]>> = {
  brotli: ['Spark', 'Flink', 'Trino'],
  lz4: ['Trino'],
}

/** The engines that cannot read files with this codec, by their names; empty if all can. */
export function enginesWithout(codec: CompressionCodec): readonly string[] {
  return CANNOT_READ[codec] ?? []
}
