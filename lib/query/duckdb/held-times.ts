import { type Data, DataType, DateUnit, type RecordBatch, TimeUnit } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'

/**
 * Dates and times that DuckDB cannot hold. It takes the greatest value of a type and its negative for infinity, its
 * calendar ends shortly above the least value, and a time of day after 24:00 ends its process.
 *
 * `count(x)` needs only the nulls of a column, but is refused as well: DuckDB's plan has the same text for the column and
 * for an expression with its name as an alias, such as `nullif(x, …) AS x`, whose nulls depend on the values.
 */

/** In the unit of the type, both ends included. */
type Held = { type: PrimitiveType; first: bigint; last: bigint }

const LAST_INT32 = 2n ** 31n - 2n
const LAST_INT64 = 2n ** 63n - 2n
/** 290309-12-22 BC and 1677-09-22. */
const FIRST_MICROS = -9_223_372_022_400_000_000n
const FIRST_NANOS = -9_223_286_400_000_000_000n
const DAY_MICROS = 86_400_000_000n

const DATES: Held = { type: 'date', first: -LAST_INT32, last: LAST_INT32 }
const TIMES: Held = { type: 'time', first: 0n, last: DAY_MICROS }
const MICROS: Held = { type: 'timestamp', first: FIRST_MICROS, last: LAST_INT64 }
const NANOS: Held = { type: 'timestamp_ns', first: FIRST_NANOS, last: LAST_INT64 }

const HELD_BY_TYPE: Readonly<Record<string, Held>> = {
  date: DATES,
  time: TIMES,
  timestamp: MICROS,
  timestamptz: MICROS,
  timestamp_ns: NANOS,
  timestamptz_ns: NANOS,
}

/** Whether DuckDB holds a value of Iceberg's type as it is. */
export function isHeldValue(type: PrimitiveType, value: Value): boolean {
  const held = HELD_BY_TYPE[type]
  if (held === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return true
  return value >= held.first && value <= held.last
}

/**
 * Refuses a batch for DuckDB with such a value, in a nested column too: it would be shown as infinity, and functions
 * would fail or compute something else.
 *
 * @param batch of the types that `toArrowBatch` writes
 * @throws {AppError} not-supported, see {@link isUnheldTime}
 */
export function requireHeldTimes({ schema, data }: RecordBatch): void {
  schema.fields.forEach(({ name }, i) => {
    const column = data.children[i]
    if (column) requireHeld(column, name)
  })
}

/** Whether a statement failed at a value that a condition may leave out. */
export function isUnheldTime(error: AppError): boolean {
  return error.code === 'not-supported' && error.facts['unheldTime'] !== undefined
}

function requireHeld(data: Data, path: string): void {
  const held = heldRange(data.type)
  if (held !== null) {
    const index = findUnheld(data, held)
    if (index !== null) throw unheldError(path, held, BigInt(data.values[index]))
    return
  }
  const { children } = data.type
  data.children.forEach((child, i) => {
    // The entries of a map have no name that a user knows.
    requireHeld(child, DataType.isMap(data.type) ? path : `${path}.${children[i]?.name ?? ''}`)
  })
}

function heldRange(type: DataType): Held | null {
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return DATES
  if (DataType.isTime(type)) return TIMES
  if (!DataType.isTimestamp(type)) return null
  if (type.unit === TimeUnit.NANOSECOND) return NANOS
  return type.timezone ? { ...MICROS, type: 'timestamptz' } : MICROS
}

/** The index of the first value that is out of range; null if there is none. */
function findUnheld(data: Data, { first, last }: Held): number | null {
  const { values, length } = data
  const isUnheld = (i: number) => {
    const value = BigInt(values[i])
    return (value < first || value > last) && data.getValid(i)
  }
  if (!(values instanceof BigInt64Array)) {
    for (let i = 0; i < length; i++) if ((values[i] < first || values[i] > last) && isUnheld(i)) return i
    return null
  }
  // The upper halves decide for nearly all values, and are numbers: a bigint for each would take ten times longer.
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  const [low, high] = [Number(first >> 32n), Number(last >> 32n)]
  for (let i = 0; i < length; i++) {
    const upper = halves[2 * i + 1] ?? 0
    if ((upper <= low || upper >= high) && isUnheld(i)) return i
  }
  return null
}

function unheldError(column: string, { type, last }: Held, value: bigint): AppError {
  const text = formatValue(type, type === 'date' ? Number(value) : value)
  const isInfinite = type !== 'time' && (value === last + 1n || value === -last - 1n)
  const reason = isInfinite ? 'which DuckDB would take for infinity' : `which no ${type} of DuckDB can hold`
  return new AppError('not-supported', `Column ${column} has the value ${text}, ${reason}.`, {
    facts: {
      column,
      unheldTime: text,
      hint: 'Leave out the column, or such rows by a condition on the column.',
    },
  })
}
