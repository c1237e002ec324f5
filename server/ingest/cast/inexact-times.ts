import 'server-only'
import { DuckDBScalarFunction, BIGINT, VARCHAR } from '@duckdb/node-api'
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet'
import { AppError } from '@/lib/errors'
import { decompress } from '@/lib/parquet/decompress'
import type { Codec } from '@/lib/parquet/footer'
import { type ColumnCast, textColumn } from './column-cast'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { pageCodecs } from '@/server/parquet/page-codecs'

/**
 * Times that a Parquet file stores in nanoseconds and that DuckDB silently truncates to microseconds: INT96, and
 * timestamps adjusted to UTC. They are read a second time here, exactly, to find those that DuckDB truncates.
 */

/** For one column: the time as it is in the file, by line (a row's number, from 1). */
type InexactTimes = ReadonlyMap<number, string>

/** The limit protects memory. */
const MAX_INEXACT_TIMES = 1_000_000

/**
 * @param columns the input's columns that are read
 * @returns the times that DuckDB would truncate, for each column that has any
 * @throws {AppError} not-supported when such times are inside a nested column, or too many
 */
export async function findInexactTimes(
  session: DuckdbSession,
  path: string,
  columns: readonly string[],
): Promise<Map<string, InexactTimes>> {
  const candidates = await session.rows(
    `SELECT name FROM parquet_schema(${quoteLiteral(path)}) WHERE type = 'INT96' OR logical_type LIKE 'TimestampType(isAdjustedToUTC=1%NANOS=NanoSeconds%' LIMIT 1`,
  )
  if (candidates.length === 0) return new Map()
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  const found = new Map<string, InexactTimes>()
  for (const node of parquetSchema(metadata).children) {
    const { name } = node.element
    if (!columns.includes(name) || !hasTruncatedTimes(node)) continue
    if (node.children.length > 0) throw unsupportedTimesError(name, 'inside it, where they cannot be checked')
    const isInstant = node.element.type !== 'INT96'
    found.set(name, await readInexactTimes(file, metadata, name, isInstant ? '+00' : ''))
  }
  return found
}

function hasTruncatedTimes({ element, children }: SchemaTree): boolean {
  const { type, logical_type: logical } = element
  if (type === 'INT96') return true
  return (
    (logical?.type === 'TIMESTAMP' && logical.isAdjustedToUTC && logical.unit === 'NANOS') ||
    children.some(hasTruncatedTimes)
  )
}

const COMPRESSORS = Object.fromEntries(
  (['snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'lz4_raw'] satisfies Codec[]).map((codec) => [
    codec.toUpperCase(),
    (stored: Uint8Array, lengthBytes: number) => decompress({ codec, codecs: pageCodecs }, stored, lengthBytes),
  ]),
)

async function readInexactTimes(
  file: Awaited<ReturnType<typeof asyncBufferFromFile>>,
  metadata: FileMetaData,
  name: string,
  zone: string,
): Promise<InexactTimes> {
  const inexact = new Map<number, string>()
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows)
    await parquetRead({
      file,
      metadata,
      columns: [name],
      rowStart,
      rowEnd,
      compressors: COMPRESSORS,
      parsers: { timestampFromNanoseconds: nullIfExact, timestampFromMicroseconds: nullIfExact },
      onChunk: (chunk) => {
        chunk.columnData.forEach((nanos: unknown, i: number) => {
          if (typeof nanos === 'bigint') inexact.set(chunk.rowStart + i + 1, `${formatNanos(nanos)}${zone}`)
        })
      },
    })
    if (inexact.size > MAX_INEXACT_TIMES)
      throw unsupportedTimesError(name, `in more than ${MAX_INEXACT_TIMES} rows`, 'load it in parts, or ')
    rowStart = rowEnd
  }
  return inexact
}

/**
 * Ignores an older annotation that says microseconds: DuckDB follows the newer one, and so does the choice of columns.
 */
function nullIfExact(nanos: bigint): bigint | null {
  return nanos % 1000n === 0n ? null : nanos
}

/** Rejects the truncated times. If the column holds nanoseconds, it uses the exact times of the file instead. */
export function rejectInexactTimes(
  session: DuckdbSession,
  cast: ColumnCast,
  columnIndex: number,
  inexact: InexactTimes,
): ColumnCast {
  if (inexact.size === 0) return cast
  const name = `inexact_${columnIndex}`
  session.connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: [BIGINT],
      returnType: VARCHAR,
      mainFunction(_info, chunk, output) {
        const lines = chunk.getColumnVector(0)
        for (let row = 0; row < chunk.rowCount; row += 1) {
          output.setItem(row, inexact.get(Number(lines.getItem(row))) ?? null)
        }
        output.flush()
      },
    }),
  )
  const rawPair = { raw: `{'cut': ${cast.raw}, 'inexact': ${name}(line)}` }
  if (cast.field.type === 'timestamp_ns' || cast.field.type === 'timestamptz_ns') {
    const exactColumn = textColumn(cast.field, cast.field.type, '')
    return {
      ...cast,
      ...rawPair,
      value: (raw) =>
        `CASE WHEN ${raw}.inexact IS NOT NULL THEN ${exactColumn.value(`${raw}.inexact`)} ELSE ${cast.value(`${raw}.cut`)} END`,
      isBad: (raw, value) =>
        `CASE WHEN ${raw}.inexact IS NOT NULL THEN ${value} IS NULL ELSE (${cast.isBad(`${raw}.cut`, value)}) END`,
      displayText: (raw) => `coalesce(${raw}.inexact, ${cast.displayText(`${raw}.cut`)})`,
    }
  }
  return {
    ...cast,
    ...rawPair,
    value: (raw) => cast.value(`${raw}.cut`),
    isBad: (raw, value) => `(${raw}.inexact IS NOT NULL OR ${cast.isBad(`${raw}.cut`, value)})`,
    displayText: (raw) => `coalesce(${raw}.inexact, ${cast.displayText(`${raw}.cut`)})`,
  }
}

/** The format in which DuckDB writes times, with nine decimals. */
function formatNanos(nanos: bigint): string {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const seconds = new Date(Number((nanos - fraction) / 1_000_000n))
  return `${seconds.toISOString().slice(0, 19).replace('T', ' ')}.${fraction.toString().padStart(9, '0')}`
}

function unsupportedTimesError(column: string, where: string, instead = ''): AppError {
  const detail = `Column ${column} holds nanoseconds (INT96 or a UTC timestamp) ${where}: ${instead}write it with microseconds.`
  return new AppError('not-supported', detail, { facts: { column } })
}
