import 'server-only'

/** A codec of a Parquet footer by the name that the table property has: Iceberg's `lz4` is Parquet's LZ4_RAW. */
export function codecPropertyName(codec: string): string {
  if (codec === 'lz4_raw') return 'lz4'
  return codec === 'lz4' ? 'hadoop-lz4' : codec
}
