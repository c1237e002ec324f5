import type { CompressionCodec } from './compression'

/**
 * Engines that cannot read pages of a codec as they are installed. parquet-java has the codecs of Spark and Flink; its
 * brotli needs a native library that neither includes, as a test with Spark shows. Trino refuses brotli and LZ4_RAW in its
 * `ParquetCompressionUtils`. DuckDB and PyArrow read all of them, also by test.
 */
const CANNOT_READ: Partial<Record<CompressionCodec, readonly string[]>> = {
  brotli: ['Spark', 'Flink', 'Trino'],
  lz4: ['Trino'],
}

/** The engines that cannot read files with this codec, by their names; empty if all can. */
export function enginesWithout(codec: CompressionCodec): readonly string[] {
  return CANNOT_READ[codec] ?? []
}
