import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import type { ParquetFooter } from '@/lib/parquet/footer'
import { canHaveBloomFilter } from './chunk-bloom-filter'
import { type ColumnLayout, type FileLayout, layoutOf } from './column-layout'

/**
 * The layout that a file was written with, because footers have no levels and no limits of pages. Written into its
 * key-value metadata, so that files of another layout can be found later.
 */
export const LAYOUT_KEY = 'lakeshore.column-layout'

/** Levels of codecs if none is set. */
const DEFAULT_LEVELS: Readonly<Partial<Record<ColumnLayout['codec'], number>>> = { zstd: 3, gzip: 6, brotli: 1 }

const columnSchema = z.object({
  level: z.int().nullable(),
  maxPageRows: z.int(),
  maxPageBytes: z.int(),
  statistics: z.enum(['none', 'chunk', 'page']),
  /** The Bloom filter that was made, if any. Files of releases without Bloom filters lack it. */
  bloomFilter: z
    .object({ maxBytes: z.int(), falsePositiveRate: z.number(), distinctCount: z.int().nullable() })
    .nullable()
    .default(null),
})
type RecordedColumn = z.output<typeof columnSchema>
const recordSchema = z.object({ all: columnSchema, columns: z.record(z.string(), columnSchema) })

/** @param fieldIds of the file's columns; others are left out */
export function layoutRecord(layout: FileLayout, fieldIds: readonly number[]): string {
  const own = fieldIds.filter((fieldId) => layout.byFieldId.has(fieldId))
  return JSON.stringify({
    all: toRecorded(layout.fallback),
    columns: Object.fromEntries(own.map((fieldId) => [fieldId, toRecorded(layoutOf(layout, fieldId))])),
  })
}

/**
 * The leaves of a file that differ from the layout. Codecs, dictionaries and Bloom filters are known from the footer. A
 * file without a record differs by its level if one is set, and never by its pages, its statistics, and the size of its
 * Bloom filters.
 */
export function differingLeaves(
  footer: Pick<ParquetFooter, 'leaves' | 'rowGroups' | 'keyValues'>,
  layout: FileLayout,
  fieldIdOf: (leaf: ParquetFooter['leaves'][number]) => number | null,
): number[] {
  const recorded = readRecord(footer)
  const chunks = footer.rowGroups.flatMap(({ rowCount, columns }) => (rowCount > 0 ? columns : []))
  const byLeaf = Map.groupBy(chunks, ({ leaf }) => leaf)
  return footer.leaves.flatMap((node, leaf) => {
    const fieldId = fieldIdOf(node)
    const requested = withFittingFilter(layoutOf(layout, fieldId), node)
    const own = byLeaf.get(leaf) ?? []
    const differs =
      own.some(
        (chunk) =>
          chunk.codec !== requested.codec ||
          (requested.dictionary === 'drop' && hasDictionary(chunk.encodings)) ||
          (requested.bloomFilter === 'drop' && chunk.bloomFilter !== null) ||
          (typeof requested.bloomFilter !== 'string' && chunk.bloomFilter === null),
      ) ||
      (own.length > 0 && differsFromRecord(requested, recorded && (recorded.columns[String(fieldId)] ?? recorded.all)))
    return differs ? [leaf] : []
  })
}

function differsFromRecord(requested: ColumnLayout, recorded: RecordedColumn | null): boolean {
  if (recorded === null) return requested.level !== null
  const { level, maxPageRows, maxPageBytes, statistics, bloomFilter } = toRecorded(requested)
  return (
    recorded.level !== level ||
    recorded.maxPageRows !== maxPageRows ||
    recorded.maxPageBytes !== maxPageBytes ||
    recorded.statistics !== statistics ||
    (bloomFilter !== null && !isDeepStrictEqual(recorded.bloomFilter, bloomFilter))
  )
}

/** Drops the filter of a column whose type allows none. */
function withFittingFilter(layout: ColumnLayout, node: ParquetFooter['leaves'][number]): ColumnLayout {
  return typeof layout.bloomFilter === 'string' || canHaveBloomFilter(node)
    ? layout
    : { ...layout, bloomFilter: 'keep' }
}

function toRecorded({ codec, level, bloomFilter, ...layout }: ColumnLayout): RecordedColumn {
  const usual = DEFAULT_LEVELS[codec] ?? null
  const { maxPageRows, maxPageBytes, statistics } = layout
  return {
    level: usual === null ? null : (level ?? usual),
    maxPageRows,
    maxPageBytes,
    statistics,
    bloomFilter: typeof bloomFilter === 'string' ? null : bloomFilter,
  }
}

/** Null also for text that is not ours. */
function readRecord({ keyValues }: Pick<ParquetFooter, 'keyValues'>): z.output<typeof recordSchema> | null {
  const text = keyValues.find(({ key }) => key === LAYOUT_KEY)?.value ?? null
  if (text === null) return null
  try {
    return recordSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function hasDictionary(encodings: readonly string[]): boolean {
  return encodings.includes('PLAIN_DICTIONARY') || encodings.includes('RLE_DICTIONARY')
}
