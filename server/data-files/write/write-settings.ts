import 'server-only'
import { AppError } from '@/lib/errors'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  codecOf,
  COMPRESSION_CODECS,
  LEVEL_PROPERTY,
  levelProblem,
} from '@/lib/iceberg/properties/compression'
import { COLUMN_METRICS_PREFIX } from '@/lib/iceberg/properties/column-properties'
import type { Schema } from '@/lib/iceberg/schema/types'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type ColumnLayout, type FileLayout, toWrittenCodec } from '@/server/parquet/transcode/column-layout'
import type { MetricsMode, MetricsModes } from '../measure/metrics-modes'
import { parseBloomFilters } from './bloom-filter-settings'
import { parseColumnLayouts } from './column-layouts'

/** The table's properties for the files to write, with Iceberg's names and defaults. */

/** No file is larger, whatever its table asks for: a reader, a retry and a rewrite take a file as a whole. */
const MAX_FILE_BYTES = 50_000_000_000
/** The last file of a load takes what would be less than half of another one. */
const MAX_OVERSIZE_FACTOR = 1.5
const TARGET_PROPERTY = 'write.target-file-size-bytes'
const DEFAULT_TARGET_FILE_BYTES = 512 * 1024 * 1024 // Iceberg's default of write.target-file-size-bytes

/**
 * Iceberg's default of 128 MiB suits engines that read whole row groups. The console reads single rows, and has to
 * fetch a column's whole row group to show one. On 3 M rows of five columns, row groups of 65,536 rows take 3 % more
 * space than those of 122,880 rows, and row groups of 16,384 rows 19 %.
 */
const DEFAULT_ROW_GROUP_BYTES = 8 * 1024 * 1024
const DEFAULT_ROW_GROUP_ROWS = 65_536
const MAX_ROW_GROUP_ROWS = 1_048_576
const DEFAULT_PAGE_ROWS = 20_000 // Iceberg's default of write.parquet.page-row-limit
const DEFAULT_PAGE_BYTES = 1024 * 1024 // and of write.parquet.page-size-bytes
const DEFAULT_BLOOM_FILTER_BYTES = 1024 * 1024 // and of write.parquet.bloom-filter-max-bytes
const DEFAULT_TRUNCATE_CHARS = 16

type Properties = Readonly<Record<string, string>>

/** How files are written. */
export type WriteSettings = {
  /** How the pages of each column are written. */
  layout: FileLayout
  /** Plain bytes that a row group should hold, at most those of a file. */
  rowGroupBytes: number
  maxRowGroupRows: number
  targetFileBytes: number
  /** No file is larger, unless its only row group is. */
  maxFileBytes: number
  metrics: MetricsModes
  /** The program that files name; by default Lakeshore with its version. */
  createdBy?: string
}

/**
 * @param schema whose columns the properties name
 * @param warn takes a sentence about each property that is ignored: another tool may have set a level that the codec
 *   does not have, or a setting of a column that Lakeshore cannot use
 * @throws {AppError} invalid-request naming a property of the table whose value cannot be used
 */
export function parseWriteSettings(
  properties: Properties,
  schema: Pick<Schema, 'fields'>,
  warn: (sentence: string) => void,
): WriteSettings {
  const rowGroupBytes = parseWholeNumber(properties, 'write.parquet.row-group-size-bytes')
  const targetFileBytes = parseTargetFileBytes(properties, warn)
  const fallback: ColumnLayout = {
    ...parseCompression(properties, warn),
    maxPageRows: parseWholeNumber(properties, 'write.parquet.page-row-limit') ?? DEFAULT_PAGE_ROWS,
    maxPageBytes: parseWholeNumber(properties, 'write.parquet.page-size-bytes') ?? DEFAULT_PAGE_BYTES,
    dictionary: 'keep',
    statistics: 'page',
    bloomFilter: 'keep',
  }
  const maxBytes = parseWholeNumber(properties, 'write.parquet.bloom-filter-max-bytes') ?? DEFAULT_BLOOM_FILTER_BYTES
  const bloomFilters = parseBloomFilters(properties, schema, { maxBytes, warn })
  return {
    layout: { fallback, byFieldId: parseColumnLayouts(properties, fallback, { bloomFilters, warn }) },
    rowGroupBytes: Math.min(rowGroupBytes ?? DEFAULT_ROW_GROUP_BYTES, targetFileBytes),
    maxRowGroupRows: rowGroupBytes === null ? DEFAULT_ROW_GROUP_ROWS : MAX_ROW_GROUP_ROWS,
    targetFileBytes,
    maxFileBytes: Math.min(targetFileBytes * MAX_OVERSIZE_FACTOR, MAX_FILE_BYTES),
    metrics: {
      fallback: parseMetricsMode(
        'write.metadata.metrics.default',
        properties['write.metadata.metrics.default'] ?? 'truncate(16)',
      ),
      byColumn: Object.fromEntries(
        Object.entries(properties)
          .filter(([key]) => key.startsWith(COLUMN_METRICS_PREFIX))
          .map(([key, text]) => [key.slice(COLUMN_METRICS_PREFIX.length), parseMetricsMode(key, text)]),
      ),
    },
  }
}

function parseTargetFileBytes(properties: Properties, warn: (sentence: string) => void): number {
  const targetFileBytes = parseWholeNumber(properties, TARGET_PROPERTY) ?? DEFAULT_TARGET_FILE_BYTES
  if (targetFileBytes <= MAX_FILE_BYTES) return targetFileBytes
  warn(`${TARGET_PROPERTY} is ${targetFileBytes}, but Lakeshore writes files of at most 50 GB.`)
  return MAX_FILE_BYTES
}

/** A codec without levels ignores the level; one that lacks the level has its usual one. */
function parseCompression(
  properties: Properties,
  warn: (sentence: string) => void,
): Pick<ColumnLayout, 'codec' | 'level'> {
  const text = propertyValue(properties, CODEC_PROPERTY)
  const codec = codecOf(text)
  if (codec === null) throw unusablePropertyError(CODEC_PROPERTY, text ?? '', `one of ${COMPRESSION_CODECS.join(', ')}`)
  const level = propertyValue(properties, LEVEL_PROPERTY)
  if (level === null || codecLevelRange(codec) === null) return { codec: toWrittenCodec(codec), level: null }
  const problem = levelProblem(codec, level)
  if (problem === null) return { codec: toWrittenCodec(codec), level: Number(level) }
  warn(`${LEVEL_PROPERTY} is "${level}", but ${problem}. The files use the codec's default level.`)
  return { codec: toWrittenCodec(codec), level: null }
}

function parseMetricsMode(key: string, text: string): MetricsMode {
  const word = text.toLowerCase()
  if (word === 'none' || word === 'counts' || word === 'full') return { kind: word }
  const [, length] = /^truncate\((\d{1,6})\)$/.exec(word) ?? []
  if (length !== undefined && Number(length) > 0) return { kind: 'truncate', length: Number(length) }
  if (word === 'truncate') return { kind: 'truncate', length: DEFAULT_TRUNCATE_CHARS }
  throw unusablePropertyError(key, text, 'none, counts, truncate(length) or full')
}

function parseWholeNumber(properties: Properties, key: string, max = Number.MAX_SAFE_INTEGER): number | null {
  const text = properties[key]
  if (text === undefined) return null
  const value = Number(text)
  if (!/^\d{1,16}$/.test(text) || value < 1 || value > max)
    throw unusablePropertyError(key, text, `a whole number from 1 to ${max}`)
  return value
}

function unusablePropertyError(key: string, text: string, expected: string): AppError {
  return new AppError('invalid-request', `The table's property ${key} is "${text}", but has to be ${expected}.`, {
    facts: { property: key, value: text },
  })
}
