import 'server-only'
import { AppError } from '@/lib/errors'
import type { MetricsMode, WriteSettings } from '../stage-request'

/** The table's properties for the files to write, with Iceberg's names and defaults. */

const CODECS = ['uncompressed', 'gzip', 'snappy', 'zstd', 'lz4'] as const
const DEFAULT_TARGET_FILE_BYTES = 512 * 1024 * 1024 // Iceberg's default of write.target-file-size-bytes

/**
 * Iceberg's default of 128 MiB suits engines that read whole row groups. The console reads single rows, and has to
 * fetch a column's whole row group to show one. On 3 M rows of five columns, row groups of 65,536 rows take 3 % more
 * space than those of 122,880 rows, and row groups of 16,384 rows 19 %.
 */
const DEFAULT_ROW_GROUP_BYTES = 8 * 1024 * 1024
const DEFAULT_ROW_GROUP_ROWS = 65_536
const MAX_ROW_GROUP_ROWS = 1_048_576
const MAX_ZSTD_LEVEL = 22
const DEFAULT_TRUNCATE_CHARS = 16

type Properties = Readonly<Record<string, string>>

/** @throws {AppError} invalid-request naming a property whose value cannot be used */
export function parseWriteSettings(properties: Properties): WriteSettings {
  const codec = (properties['write.parquet.compression-codec'] ?? 'zstd').toLowerCase()
  const known = CODECS.find((name) => name === codec)
  if (!known) throw unusablePropertyError('write.parquet.compression-codec', codec, `one of ${CODECS.join(', ')}`)
  const rowGroupBytes = parseWholeNumber(properties, 'write.parquet.row-group-size-bytes', Number.MAX_SAFE_INTEGER)
  return {
    codec: known,
    // Levels of other codecs are ignored.
    level: known === 'zstd' ? parseWholeNumber(properties, 'write.parquet.compression-level', MAX_ZSTD_LEVEL) : null,
    rowGroupBytes: rowGroupBytes ?? DEFAULT_ROW_GROUP_BYTES,
    maxRowGroupRows: rowGroupBytes === null ? DEFAULT_ROW_GROUP_ROWS : MAX_ROW_GROUP_ROWS,
    targetFileBytes:
      parseWholeNumber(properties, 'write.target-file-size-bytes', Number.MAX_SAFE_INTEGER) ??
      DEFAULT_TARGET_FILE_BYTES,
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

const COLUMN_METRICS_PREFIX = 'write.metadata.metrics.column.'

function parseMetricsMode(key: string, text: string): MetricsMode {
  const word = text.toLowerCase()
  if (word === 'none' || word === 'counts' || word === 'full') return { kind: word }
  const [, length] = /^truncate\((\d{1,6})\)$/.exec(word) ?? []
  if (length !== undefined && Number(length) > 0) return { kind: 'truncate', length: Number(length) }
  if (word === 'truncate') return { kind: 'truncate', length: DEFAULT_TRUNCATE_CHARS }
  throw unusablePropertyError(key, text, 'none, counts, truncate(length) or full')
}

function parseWholeNumber(properties: Properties, key: string, max: number): number | null {
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
