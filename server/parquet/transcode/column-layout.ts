import 'server-only'
import type { CompressionCodec } from '@/lib/iceberg/properties/compression'
import type { Codec } from '@/lib/parquet/footer'
import type { BloomFilterSize } from '@/lib/parquet/write/bloom-filter-builder'

/** The codecs that files can be written with, by their names in the format. */
export type WrittenCodec = Exclude<Codec, 'lzo' | 'lz4'>

/** How the pages of one leaf column are written. */
export type ColumnLayout = {
  codec: WrittenCodec
  /** Null: the codec's usual one. Ignored by codecs without levels. */
  level: number | null
  /** A page ends before the row that would exceed one of these limits, unless it is the page's only row. */
  maxPageRows: number
  /** Bytes of values in their encoding, before compression. */
  maxPageBytes: number
  /** Whether pages that refer to a dictionary still do, or have their values PLAIN. */
  dictionary: 'keep' | 'drop'
  /** Counts and bounds: of the column chunk, or of each page, too. */
  statistics: 'none' | 'chunk' | 'page'
  /** Whether the column's Bloom filter is copied, or left out, or made from its values. */
  bloomFilter: 'keep' | 'drop' | BloomFilterSize
}

/** The layout of every leaf column of a file. */
export type FileLayout = {
  byFieldId: ReadonlyMap<number, ColumnLayout>
  /** Layout of columns that are not in `byFieldId`, or have no field id. */
  fallback: ColumnLayout
}

export function layoutOf(layout: FileLayout, fieldId: number | null): ColumnLayout {
  return (fieldId === null ? undefined : layout.byFieldId.get(fieldId)) ?? layout.fallback
}

/** The codecs and levels of a file, by Iceberg's names: `zstd 9, snappy`. Those of single columns come last. */
export function codecsOf({ fallback, byFieldId }: FileLayout): string {
  const names = [fallback, ...byFieldId.values()].map(({ codec, level }) =>
    [codec === 'lz4_raw' ? 'lz4' : codec, ...(level === null ? [] : [level])].join(' '),
  )
  return [...new Set(names)].join(', ')
}

/** Parquet's name of a codec that Iceberg's properties name. Hadoop's frames of LZ4, which Parquet calls so, are deprecated. */
export function toWrittenCodec(codec: CompressionCodec): WrittenCodec {
  return codec === 'lz4' ? 'lz4_raw' : codec
}
