import type { CompressionCodec } from './compression'

/**
 * Engines that cannot read pages of a codec as they are installed. parquet-java has the codecs of Spark and Flink; its
 * brotli needs a native library that neither includes. Trino refuses brotli and LZ4_RAW in its `ParquetCompressionUtils`.
 * DuckDB and PyArrow read all of them. `loaded-values.interop.test.ts` shows it for each but Flink.
 */
const CANNOT_READ: Partial<Record<CompressionCodec, readonly string[]>> = {
  brotli: ['Spark', 'Flink', 'Trino'],
  lz4: ['Trino'],
}

/** `unknown`: we know no source that says it. */
export type Support = 'can' | 'cannot' | 'unknown'

/** Engines of which it is known what they read; Lakeshore reads all of them. */
const KNOWN_ENGINES: ReadonlySet<string> = new Set(['Spark', 'Flink', 'Trino', 'DuckDB', 'PyIceberg', 'Lakeshore'])

/** Whether an engine reads files with this codec. */
export function codecSupport(codec: CompressionCodec, engine: string | null): Support {
  if (engine === null || !KNOWN_ENGINES.has(engine)) return 'unknown'
  return enginesWithout(codec).includes(engine) ? 'cannot' : 'can'
}

/** The engines that cannot read files with this codec, by their names; empty if all can. */
export function enginesWithout(codec: CompressionCodec): readonly string[] {
  return CANNOT_READ[codec] ?? []
}
