import 'server-only'
import { DuckDBScalarFunction, BIGINT, VARCHAR } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { isValid, type Vector } from '@/lib/scan/read/vector'
import { type ColumnCast, textColumn } from '../cast/column-cast'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { readLeafBatches } from './leaf-batches'
import { FIRST_SECOND, LAST_SECOND } from './reread-column'

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
  return await withFileSource(path, async (source) => {
    const footer = await readFooter(source)
    const found = new Map<string, InexactTimes>()
    for (const node of footer.schema.children) {
      if (!columns.includes(node.name) || !hasTruncatedTimes(node)) continue
      if (node.leaf === null || node.repetition === 'repeated') {
        throw unsupportedTimesError(node.name, 'inside it, where they cannot be checked')
      }
      const times = await withFileName(source.name, () => readInexactTimes(source, footer, node))
      if (times.size > 0) found.set(node.name, times)
    }
    return found
  })
}

function hasTruncatedTimes({ leaf, annotation, children }: SchemaNode): boolean {
  return (
    leaf?.physicalType === 'INT96' ||
    (annotation?.kind === 'timestamp' && annotation.isUtc && annotation.unit === 'nanos') ||
    children.some(hasTruncatedTimes)
  )
}

async function readInexactTimes(source: ByteSource, footer: ParquetFooter, node: SchemaNode): Promise<InexactTimes> {
  const inexact = new Map<number, string>()
  const zone = node.leaf?.physicalType === 'INT96' ? '' : '+00'
  for await (const { firstRow, values } of readLeafBatches(source, footer, node)) {
    for (const [row, nanos] of truncatedNanos(values)) inexact.set(firstRow + row + 1, `${formatNanos(nanos)}${zone}`)
    if (inexact.size > MAX_INEXACT_TIMES)
      throw unsupportedTimesError(node.name, `in more than ${MAX_INEXACT_TIMES} rows`, 'load it in parts, or ')
  }
  return inexact
}

/** Julian day of 1970-01-01, the epoch of INT96. */
const EPOCH_JULIAN_DAY = 2_440_588
/** Since 1970; 64 bits hold the microseconds of every day before it. A time of a day may belong to a later one. */
const LAST_DAY = 106_000_000
const NANOS_PER_DAY = 86_400_000_000_000n

/**
 * Nanoseconds since 1970 of the times that are not whole microseconds, or too many of them, with their index. They may
 * exceed 64 bits.
 */
function* truncatedNanos(times: Vector): Generator<[index: number, nanos: bigint]> {
  if (times.kind === 'int64') {
    for (const [i, nanos] of times.data.entries()) {
      if (isValid(times.validity, i) && nanos % 1000n !== 0n) yield [i, nanos]
    }
    return
  }
  if (times.kind !== 'fixed') throw new DamagedParquet(`a column of times is stored as ${times.kind}`)
  const view = new DataView(times.bytes.buffer, times.bytes.byteOffset, times.bytes.byteLength)
  for (let i = 0; i < times.length; i++) {
    const ofDay = view.getBigInt64(12 * i, true)
    const day = view.getInt32(12 * i + 8, true) - EPOCH_JULIAN_DAY
    const isWhole = ofDay % 1000n === 0n
    if (!isValid(times.validity, i) || (isWhole && Math.abs(day) < LAST_DAY)) continue
    const nanos = BigInt(day) * NANOS_PER_DAY + ofDay
    if (!isWhole || !hasMicros(nanos)) yield [i, nanos]
  }
}

/** Whether 64 bits hold its microseconds. DuckDB reads other times as any others; it has none for the least number. */
function hasMicros(nanos: bigint): boolean {
  const micros = nanos / 1000n
  return micros === BigInt.asIntN(64, micros) && micros !== BigInt.asIntN(64, 1n << 63n)
}

/**
 * Rejects the truncated times. If the column holds nanoseconds, it uses the exact times of the file instead.
 *
 * @param inexact.isInstant whether times without a zone are in UTC
 */
export function rejectInexactTimes(
  session: DuckdbSession,
  cast: ColumnCast,
  { columnIndex, times, isInstant }: { columnIndex: number; times: InexactTimes; isInstant: boolean },
): ColumnCast {
  const zone = isInstant ? '+00' : ''
  const name = `inexact_${columnIndex}`
  session.connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: [BIGINT],
      returnType: VARCHAR,
      mainFunction(_info, chunk, output) {
        const lines = chunk.getColumnVector(0)
        for (let row = 0; row < chunk.rowCount; row += 1) {
          const time = times.get(Number(lines.getItem(row)))
          output.setItem(row, time === undefined ? null : `${time}${zone}`)
        }
        output.flush()
      },
    }),
  )
  const reasonOf = (text: string) => (isUnformatted(text) ? 'is beyond what the column can hold exactly' : null)
  const time = `${name}(line)`
  // DuckDB fails at what it reads of some times beyond its range.
  const rawPair = { raw: `{'cut': CASE WHEN ${time} IS NULL THEN ${cast.raw} END, 'inexact': ${time}}` }
  if (cast.field.type === 'timestamp_ns' || cast.field.type === 'timestamptz_ns') {
    const exactColumn = textColumn(cast.field, cast.field.type, '')
    return {
      field: cast.field,
      ...rawPair,
      value: (raw) =>
        `CASE WHEN ${raw}.inexact IS NOT NULL THEN ${exactColumn.value(`${raw}.inexact`)} ELSE ${cast.value(`${raw}.cut`)} END`,
      isBad: (raw, value) =>
        `CASE WHEN ${raw}.inexact IS NOT NULL THEN ${value} IS NULL ELSE (${cast.isBad(`${raw}.cut`, value)}) END`,
      displayText: (raw) => `coalesce(${raw}.inexact, ${cast.displayText(`${raw}.cut`)})`,
      reasonOf,
    }
  }
  return {
    field: cast.field,
    ...rawPair,
    value: (raw) => cast.value(`${raw}.cut`),
    isBad: (raw, value) => `(${raw}.inexact IS NOT NULL OR ${cast.isBad(`${raw}.cut`, value)})`,
    displayText: (raw) => `coalesce(${raw}.inexact, ${cast.displayText(`${raw}.cut`)})`,
    reasonOf,
  }
}

const UNFORMATTED = ' nanoseconds since 1970'

/** The format in which DuckDB writes times, with nine decimals; other words for years that it does not fit. */
function formatNanos(nanos: bigint): string {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const second = (nanos - fraction) / 1_000_000_000n
  if (second < FIRST_SECOND || second > LAST_SECOND) return `${nanos}${UNFORMATTED}`
  const seconds = new Date(Number(second) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return `${seconds}.${fraction.toString().padStart(9, '0')}`
}

function isUnformatted(text: string): boolean {
  return text.includes(UNFORMATTED)
}

function unsupportedTimesError(column: string, where: string, instead = ''): AppError {
  const detail = `Column ${column} holds nanoseconds (INT96 or a UTC timestamp) ${where}: ${instead}write it with microseconds.`
  return new AppError('not-supported', detail, { facts: { column } })
}
