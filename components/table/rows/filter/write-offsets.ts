import type { Type } from '@/lib/iceberg/schema/types'
import { NANOS_PER_SECOND } from '@/lib/iceberg/schema/single-value'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import { readTimestamp } from '@/lib/scan/predicate/literal'
import type { Literal, Predicate } from '@/lib/scan/predicate/predicate'
import { hasInstants } from '@/lib/scan/value-text'
import type { FilterColumn } from './row-filter'

/**
 * A predicate whose times all have an offset. Those without one are in UTC; they are written as the grid shows the
 * instant. The same object if no time lacks an offset.
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
      if (column === undefined || !hasInstants(column.type)) return predicate
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

/** The instant of a time that is written without an offset, as the grid shows it; null for another literal. */
export function impliedInstant(literal: Literal, type: Type, timeZone: string): string | null {
  return readTimestamp(literal)?.hasOffset === false ? shownInstant(literal, type, timeZone) : null
}

/** A time, with an offset or in UTC, as the grid shows its instant; null for another literal. */
export function shownInstant(literal: Literal, type: Type, timeZone: string): string | null {
  const written = readTimestamp(literal)
  if (written === null || !hasInstants(type)) return null
  const { nanos } = written
  return type === 'timestamptz' && nanos % NANOS_PER_MICRO === 0n
    ? zonedTimestampText(nanos / NANOS_PER_MICRO, timeZone)
    : zonedTimestampText(nanos, timeZone, NANOS_PER_SECOND)
}

const NANOS_PER_MICRO = 1000n
