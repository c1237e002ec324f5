import type { StoredCodec, StoredEncoding, ParquetFooter } from '@/lib/parquet/footer'

/** One column over all row groups of a file. */
export type ColumnTotals = {
  leaf: number
  name: string
  fieldId: number | null
  codecs: readonly StoredCodec[]
  encodings: readonly StoredEncoding[]
  storedBytes: number
  encodedBytes: number
  /** Null when a row group does not say. */
  nullCount: number | null
}

export function columnTotals({ leaves, rowGroups }: ParquetFooter): ColumnTotals[] {
  return leaves.map((node, leaf) => {
    const codecs = new Set<StoredCodec>()
    const encodings = new Set<StoredEncoding>()
    let storedBytes = 0
    let encodedBytes = 0
    let nullCount: number | null = 0
    for (const { columns } of rowGroups) {
      const chunk = columns[leaf]
      if (!chunk) continue
      codecs.add(chunk.codec)
      for (const encoding of chunk.encodings) encodings.add(encoding)
      storedBytes += chunk.storedBytes
      encodedBytes += chunk.encodedBytes
      const chunkNulls: number | null = chunk.statistics?.nullCount ?? null
      nullCount = nullCount === null || chunkNulls === null ? null : nullCount + chunkNulls
    }
    return {
      leaf,
      name: node.path.join('.'),
      fieldId: node.fieldId,
      codecs: [...codecs],
      encodings: [...encodings],
      storedBytes,
      encodedBytes,
      nullCount,
    }
  })
}
