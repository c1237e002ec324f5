import 'server-only'
import { stat } from 'node:fs/promises'
import type { Metrics } from '@/lib/iceberg/manifest'
import { plainWidthBytes } from '@/lib/iceberg/plain-width'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema'
import { encodeSingleValue } from '@/lib/iceberg/single-value'
import type { PrimitiveType, Schema } from '@/lib/iceberg/types'
import { sum } from '@/lib/sum'
import { lowerBound, upperBound } from './bounds'
import { quoteName, quoteText } from './column-type'
import type { DuckdbSession } from './duckdb-session'
import { type ColumnChunks, type Extremes, extremesOf, footerExtremes, readFooter } from './file-footer'
import { plainBytesSum } from './plain-bytes'
import type { MetricsMode, StagedFile, WriteSettings } from './stage-request'
import { valueFromText, valueTextSql } from './value-text'

export type MeasuredFile = Pick<StagedFile, 'recordCount' | 'fileSizeBytes' | 'metrics' | 'splitOffsets' | 'sizes'>

/** A primitive column at any depth, and where the file keeps it. */
type Leaf = IndexedField & { type: PrimitiveType; mode: MetricsMode; chunkPath: string; chunks: ColumnChunks }

/**
 * What manifests and dashboards say of a file, read back from the file itself: from its footer, and by one pass over
 * the columns whose footer does not say enough (strings' lengths, NaN).
 */
export async function measureFile(
  session: DuckdbSession,
  file: string,
  schema: Schema,
  write: WriteSettings,
): Promise<MeasuredFile> {
  const { size } = await stat(file)
  const footer = await readFooter(session, file)
  const leaves = leavesOf(schema, write.metrics, footer.chunks)
  const said = leaves.filter((leaf) => hasBounds(leaf) && isSaidByFooter(leaf))
  const fromFooter = said.length === 0 ? [] : await footerExtremes(session, said)
  const scanned = await scan(session, file, schema, leaves)
  const extremes = new Map([
    ...said.map(({ field }, i): [number, Extremes | undefined] => [field.id, fromFooter[i]]),
    ...scanned.extremes,
  ])
  const chunks = leaves.map((leaf) => leaf.chunks)
  return {
    recordCount: footer.recordCount,
    fileSizeBytes: size,
    splitOffsets: footer.splitOffsets,
    metrics: metricsOf(leaves, extremes, scanned.nanCounts),
    sizes: {
      plainBytes: scanned.plainBytes,
      plainSource: 'counted',
      encodedBytes: sum(chunks.map(({ encodedBytes }) => encodedBytes)),
      storedBytes: sum(chunks.map(({ storedBytes }) => storedBytes)),
      codecs: Object.fromEntries(leaves.map((leaf) => [leaf.path.join('.'), leaf.chunks.codecs])),
    },
  }
}

function leavesOf(
  schema: Schema,
  metrics: WriteSettings['metrics'],
  chunks: ReadonlyMap<string, ColumnChunks>,
): Leaf[] {
  const index = indexFields(schema)
  return [...index.values()].flatMap((indexed) => {
    const { type } = indexed.field
    if (typeof type !== 'string') return []
    const mode = metrics.byColumn[indexed.path.join('.')] ?? metrics.fallback
    const chunkPath = chunkPathOf(index, indexed)
    const known = chunks.get(chunkPath)
    if (!known) throw new Error(`the file has no column ${chunkPath}`)
    return [{ ...indexed, type, mode, chunkPath, chunks: known }]
  })
}

/** The path of a column in the footer, as DuckDB joins it: lists and maps have a level more there. */
function chunkPathOf(index: ReadonlyMap<number, IndexedField>, { field, parentId }: IndexedField): string {
  const parent = parentId === null ? undefined : index.get(parentId)
  if (!parent) return field.name
  const { type } = parent.field
  const level = typeof type === 'string' || type.type === 'struct' ? [] : [type.type === 'list' ? 'list' : 'key_value']
  return [chunkPathOf(index, parent), ...level, field.name].join(', ')
}

function hasBounds({ mode, isRepeated }: Leaf): boolean {
  return !isRepeated && (mode.kind === 'full' || mode.kind === 'truncate')
}

/**
 * Floats are not: their extremes leave NaN out, which the footer does not count. Bytes have no exact text there, and
 * other columns' texts may be an error to read as nanoseconds.
 */
function isSaidByFooter({ type, chunks }: Leaf): boolean {
  if (type === 'timestamp_ns' || type === 'timestamptz_ns') return false
  if (type === 'float' || type === 'double' || type === 'binary' || type === 'uuid') return false
  return chunks.hasExactExtremes
}

type Scanned = { extremes: (readonly [number, Extremes])[]; nanCounts: ReadonlyMap<number, number>; plainBytes: number }

async function scan(session: DuckdbSession, file: string, schema: Schema, leaves: readonly Leaf[]): Promise<Scanned> {
  const ranged = leaves.filter((leaf) => hasBounds(leaf) && !isSaidByFooter(leaf))
  const floating = leaves.filter((leaf) => isFloating(leaf) && !leaf.isRepeated && leaf.mode.kind !== 'none')
  const plain = plainBytesOf(schema, leaves)
  const columns = [
    ...ranged.flatMap((leaf, i) => {
      const x = sqlPath(leaf)
      // NaN is above every number to DuckDB and outside of the bounds to Iceberg.
      const only = isFloating(leaf) ? ` FILTER (NOT isnan(${x}))` : ''
      return [
        `${valueTextSql(leaf.type, `min(${x})${only}`)} AS lowest_${i}`,
        `${valueTextSql(leaf.type, `max(${x})${only}`)} AS highest_${i}`,
      ]
    }),
    ...floating.map((leaf, i) => `count(*) FILTER (isnan(${sqlPath(leaf)}))::DOUBLE AS nans_${i}`),
    ...(plain.sums.length === 0 ? [] : [`(${plain.sums.join(' + ')})::DOUBLE AS plain`]),
  ]
  if (columns.length === 0) return { extremes: [], nanCounts: new Map(), plainBytes: plain.bytes }
  const [row = {}] = await session.rows(`SELECT ${columns.join(', ')} FROM read_parquet(${quoteText(file)})`)
  return {
    extremes: ranged.map((leaf, i) => [leaf.field.id, extremesOf(row, i)] as const),
    nanCounts: new Map(floating.map((leaf, i) => [leaf.field.id, Number(row[`nans_${i}`])])),
    plainBytes: plain.bytes + Number(row.plain ?? 0),
  }
}

/** Fixed widths times the values that the footer counts, and SQL sums of the others' lengths. */
function plainBytesOf(schema: Schema, leaves: readonly Leaf[]): { bytes: number; sums: readonly string[] } {
  let bytes = 0
  const sums: string[] = []
  for (const { name, id, type } of schema.fields) {
    const leaf = leaves.find(({ field }) => field.id === id)
    const width = leaf && plainWidthBytes(leaf.type)
    if (leaf && typeof width === 'number' && leaf.chunks.nullCount !== null) {
      bytes += (leaf.chunks.valueCount - leaf.chunks.nullCount) * width
    } else sums.push(`(${plainBytesSum(type, quoteName(name))})`)
  }
  return { bytes, sums }
}

function metricsOf(
  leaves: readonly Leaf[],
  extremes: ReadonlyMap<number, Extremes | undefined>,
  nanCounts: ReadonlyMap<number, number>,
): Metrics {
  const counted = leaves.filter(({ mode }) => mode.kind !== 'none')
  const lowerBounds = new Map<number, Uint8Array>()
  const upperBounds = new Map<number, Uint8Array>()
  for (const { field, type, mode } of counted) {
    const { lowest = null, highest = null } = extremes.get(field.id) ?? {}
    const low = lowest === null ? null : lowerBound(type, valueFromText(type, lowest), mode)
    const high = highest === null ? null : upperBound(type, valueFromText(type, highest), mode)
    if (low !== null) lowerBounds.set(field.id, encodeSingleValue(type, low))
    if (high !== null) upperBounds.set(field.id, encodeSingleValue(type, high))
  }
  return {
    columnSizesBytes: new Map(counted.map(({ field, chunks }) => [field.id, chunks.storedBytes])),
    valueCounts: new Map(counted.map(({ field, chunks }) => [field.id, chunks.valueCount])),
    nullValueCounts: new Map(
      counted.flatMap(({ field, chunks }) =>
        chunks.nullCount === null ? [] : [[field.id, chunks.nullCount] as const],
      ),
    ),
    nanValueCounts: nanCounts,
    lowerBounds,
    upperBounds,
  }
}

function isFloating({ type }: Leaf): boolean {
  return type === 'float' || type === 'double'
}

function sqlPath({ path }: Leaf): string {
  return path.map(quoteName).join('.')
}
