import type { Type } from '@/lib/iceberg/schema/types'
import { NANOS_PER_SECOND } from '@/lib/iceberg/schema/single-value'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import { readTimestamp } from '@/lib/scan/predicate/literal'
import type { Literal, Predicate } from '@/lib/scan/predicate/predicate'
import { hasInstants } from '@/lib/scan/value-text'
import type { FilterColumn } from './filter-columns'

/**
 * A predicate whose times are written out as the grid shows them. Instants get an offset: those without one are in UTC.
 * Bare dates of columns without a zone get their time, which is midnight. The same object if nothing is missing.
 */
export function writeOffsets(predicate: Predicate, columns: readonly FilterColumn[], timeZone: string): Predicate {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate
    case 'not': {
      const part = writeOffsets(predicate.part, columns, timeZone)
      return part === predicate.part ? predicate : { ...predicate, part }
    }
    case 'and':
    case 'or': {
      const parts = predicate.parts.map((part) => writeOffsets(part, columns, timeZone))
      return parts.every((part, i) => part === predicate.parts[i]) ? predicate : { ...predicate, parts }
    }
    default: {
      const column = columns.find(({ reference, fieldId }) => [reference, fieldId].includes(predicate.column))
      if (column === undefined) return predicate
      const instantOf = (literal: Literal) => impliedInstant(literal, column.type, timeZone)
      const write = (literal: Literal): Literal => instantOf(literal) ?? literal
      const lacksOffset = (literal: Literal) => instantOf(literal) !== null
      if ('value' in predicate) {
        return lacksOffset(predicate.value) ? { ...predicate, value: write(predicate.value) } : predicate
      }
      if ('values' in predicate) {
        return predicate.values.some(lacksOffset) ? { ...predicate, values: predicate.values.map(write) } : predicate
      }
      if (predicate.kind !== 'between') return predicate
      const { low, high } = predicate
      return [low, high].some(lacksOffset) ? { ...predicate, low: write(low), high: write(high) } : predicate
    }
  }
}

/**
 * The time that is meant by one without an offset, or by a bare date if the column has no zone, as the grid shows it;
 * null for another literal.
 */
export function impliedInstant(literal: Literal, type: Type, timeZone: string): string | null {
  if (hasLocalTimes(type)) return isBareDate(literal) ? `${literal} 00:00:00` : null
  return readTimestamp(literal)?.hasOffset === false ? shownInstant(literal, type, timeZone) : null
}

/** A time as the grid shows it: an instant, or midnight for a bare date of a column without a zone; else null. */
export function shownInstant(literal: Literal, type: Type, timeZone: string): string | null {
  if (hasLocalTimes(type)) return impliedInstant(literal, type, timeZone)
  const written = readTimestamp(literal)
  if (written === null || !hasInstants(type)) return null
  const { nanos } = written
  return type === 'timestamptz' && nanos % NANOS_PER_MICRO === 0n
    ? zonedTimestampText(nanos / NANOS_PER_MICRO, timeZone)
    : zonedTimestampText(nanos, timeZone, NANOS_PER_SECOND)
}

function hasLocalTimes(type: Type): boolean {
  return type === 'timestamp' || type === 'timestamp_ns'
}

function isBareDate(literal: Literal): literal is string {
  return typeof literal === 'string' && !/[T ]/.test(literal) && readTimestamp(literal)?.hasOffset === false
}

const NANOS_PER_MICRO = 1000n
