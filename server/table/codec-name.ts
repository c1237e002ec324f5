import 'server-only'

/** A codec of a Parquet footer by the name that the table property has: Iceberg's `lz4` is Parquet's LZ4_RAW. */
export function codecPropertyName(codec: string): string {
  if (codec === 'lz4_raw') return 'lz4'
  return codec === 'lz4' ? 'hadoop-lz4' : codec
}

/**
 * The codecs of a file's columns, each once, in the order of their names.
 *
 * @param ofColumns of each column, of several codecs with commas between them
 */
export function codecPropertyNames(ofColumns: readonly string[]): string {
  const names = ofColumns.flatMap((codecs) => codecs.split(', ')).map(codecPropertyName)
  return [...new Set(names)].sort().join(', ')
}
