import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Value } from '@/lib/iceberg/schema/types'
import type { BoundCondition, BoundPredicate, Comparison, TextTest } from '@/lib/scan/predicate/predicate'
import type { HistoryColumn } from './history-column'

/**
 * A predicate on the columns of a history table as SQL of our database, with the same meaning: true for the same rows,
 * and in both unknown counts as false.
 */
export function predicateToCondition(
  predicate: BoundPredicate,
  columns: readonly HistoryColumn[],
): RawBuilder<SqlBool> {
  switch (predicate.kind) {
    case 'true':
      return TRUE
    case 'false':
      return FALSE
    case 'and':
    case 'or': {
      const parts = predicate.parts.map((part) => predicateToCondition(part, columns))
      return sql<SqlBool>`(${sql.join(parts, predicate.kind === 'and' ? sql` and ` : sql` or `)})`
    }
    default:
      return toCondition(predicate, columnOf(predicate, columns))
  }
}

/**
 * A weaker predicate: it is true for each row for which the predicate is, and perhaps for others.
 *
 * @param holds whether a condition counts as true or false; null leaves it as it is
 */
export function weakenPredicate(predicate: BoundPredicate, holds: (condition: BoundCondition) => boolean | null) {
  const weaken = (part: BoundPredicate): BoundPredicate => {
    switch (part.kind) {
      case 'true':
      case 'false':
        return part
      case 'and':
      case 'or':
        return joinParts(part.kind, part.parts.map(weaken))
      default: {
        const known = holds(part)
        return known === null ? part : { kind: known ? 'true' : 'false' }
      }
    }
  }
  return weaken(predicate)
}

/** The column of a condition. Fields are numbered by the positions of their columns. */
export function columnOf({ column }: BoundCondition, columns: readonly HistoryColumn[]): HistoryColumn {
  const found = columns[column.fieldId - 1]
  if (found === undefined) throw new Error(`the history table has no column ${column.name}`)
  return found
}

function joinParts(kind: 'and' | 'or', parts: readonly BoundPredicate[]): BoundPredicate {
  const [decisive, neutral] = kind === 'and' ? (['false', 'true'] as const) : (['true', 'false'] as const)
  if (parts.some((part) => part.kind === decisive)) return { kind: decisive }
  const others = parts.filter((part) => part.kind !== neutral)
  const [only] = others
  if (only === undefined) return { kind: neutral }
  return others.length === 1 ? only : { kind, parts: others }
}

const TRUE = sql<SqlBool>`1 = 1`
const FALSE = sql<SqlBool>`1 = 0`

const OPERATORS: Readonly<Record<Comparison, RawBuilder<unknown>>> = {
  eq: sql`=`,
  'not-eq': sql`<>`,
  lt: sql`<`,
  'lt-eq': sql`<=`,
  gt: sql`>`,
  'gt-eq': sql`>=`,
}

function toCondition(condition: BoundCondition, column: HistoryColumn): RawBuilder<SqlBool> {
  const { expression, storage } = column
  switch (condition.kind) {
    case 'is-null':
      return sql<SqlBool>`${expression} is null`
    case 'not-null':
      return sql<SqlBool>`${expression} is not null`
    case 'is-nan':
    case 'not-nan':
      throw new Error(`the column ${column.name} has no NaN`)
    case 'in':
    case 'not-in': {
      const isIn = condition.kind === 'in'
      const stored = condition.values.flatMap((value) => toStored(storage, value) ?? [])
      if (stored.length === 0) return isIn ? FALSE : sql<SqlBool>`${expression} is not null`
      return sql<SqlBool>`${expression} ${isIn ? sql`in` : sql`not in`} (${sql.join(stored)})`
    }
    case 'eq':
    case 'not-eq': {
      const stored = toStored(storage, condition.value)
      if (stored === null) return condition.kind === 'eq' ? FALSE : sql<SqlBool>`${expression} is not null`
      return sql<SqlBool>`${expression} ${OPERATORS[condition.kind]} ${stored}`
    }
    case 'lt':
    case 'lt-eq':
    case 'gt':
    case 'gt-eq':
      return toOrder(condition.kind, column, condition.value)
    default:
      return toTextTest(condition.kind, expression, String(condition.value))
  }
}

type OrderComparison = 'lt' | 'lt-eq' | 'gt' | 'gt-eq'

function toOrder(kind: OrderComparison, { storage, expression }: HistoryColumn, value: Value): RawBuilder<SqlBool> {
  const operator = OPERATORS[kind]
  if (storage === 'id') return sql<SqlBool>`cast(${expression} as bigint) ${operator} ${value}`
  if (storage !== 'instant') return sql<SqlBool>`${expression} ${operator} ${value}`
  // Stored instants are whole milliseconds.
  const micros = value as bigint
  const floor = floorToMs(micros)
  const isBetween = floor * MICROS_PER_MS !== micros
  if (!isBetween) return sql<SqlBool>`${expression} ${operator} ${floor}`
  return kind === 'lt' || kind === 'lt-eq'
    ? sql<SqlBool>`${expression} <= ${floor}`
    : sql<SqlBool>`${expression} > ${floor}`
}

const MICROS_PER_MS = 1000n

function floorToMs(micros: bigint): bigint {
  const remainder = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS
  return (micros - remainder) / MICROS_PER_MS
}

/** The value as it is stored; null if no stored value is equal to it. */
function toStored(storage: HistoryColumn['storage'], value: Value): Value | null {
  if (storage === 'id') return String(value)
  if (storage !== 'instant') return value
  const micros = value as bigint
  return micros % MICROS_PER_MS === 0n ? micros / MICROS_PER_MS : null
}

function toTextTest(kind: TextTest, expression: RawBuilder<unknown>, text: string): RawBuilder<SqlBool> {
  // Each text has the empty one.
  if (text === '') return kind.startsWith('not-') ? FALSE : sql<SqlBool>`${expression} is not null`
  // Both databases count code points.
  const length = Array.from(text).length
  const begin = sql`substr(${expression}, 1, ${length})`
  const end = sql`substr(${expression}, length(${expression}) - ${length} + 1)`
  switch (kind) {
    case 'starts-with':
      return sql<SqlBool>`${begin} = ${text}`
    case 'not-starts-with':
      return sql<SqlBool>`${begin} <> ${text}`
    case 'ends-with':
      return sql<SqlBool>`${end} = ${text}`
    case 'not-ends-with':
      return sql<SqlBool>`${end} <> ${text}`
    case 'contains':
      return sql<SqlBool>`length(replace(${expression}, ${text}, '')) < length(${expression})`
    case 'not-contains':
      return sql<SqlBool>`length(replace(${expression}, ${text}, '')) = length(${expression})`
  }
}
