import 'server-only'
import { type RawBuilder, sql } from 'kysely'
import type { NestedField, PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { LEVEL_SEPARATOR } from '@/lib/names/identifiers'

/** A value as our database returns it. */
export type StoredValue = string | number | null

/**
 * A column of a history table, as an expression over the rows `r` of its source, the tables `t` that these belong to and
 * the writers `w`.
 */
export type HistoryColumn = {
  name: string
  type: PrimitiveType
  isRequired: boolean
  storage: Storage
  expression: RawBuilder<unknown>
  /** Whether it is a name of the table, so that whole tables pass a condition or do not. */
  ofTable?: TableColumn
}

/**
 * How a value is stored: texts, numbers and days as they are, instants in milliseconds, 64-bit ids as decimal text.
 */
export type Storage = 'text' | 'count' | 'day' | 'instant' | 'id'

export const TABLE_COLUMNS = ['catalog', 'namespace', 'table_name', 'table_uuid'] as const
export type TableColumn = (typeof TABLE_COLUMNS)[number]

const TYPES: Readonly<Record<Storage, PrimitiveType>> = {
  text: 'string',
  count: 'long',
  day: 'date',
  instant: 'timestamptz',
  id: 'long',
}

type ColumnOptions = Partial<Pick<HistoryColumn, 'isRequired' | 'ofTable'>>

export function historyColumn(
  name: string,
  storage: Storage,
  expression: RawBuilder<unknown>,
  { isRequired = false, ...options }: ColumnOptions = {},
): HistoryColumn {
  return { name, type: TYPES[storage], isRequired, storage, expression, ...options }
}

/** The names of the table. A namespace is one text here, as other pages show it: its levels, joined by dots. */
export function tableColumns(): HistoryColumn[] {
  const expressions: Record<TableColumn, RawBuilder<unknown>> = {
    catalog: sql`t.catalog`,
    namespace: sql`replace(t.namespace, ${LEVEL_SEPARATOR}, '.')`,
    table_name: sql`t.table_name`,
    table_uuid: sql`t.table_uuid`,
  }
  return TABLE_COLUMNS.map((name) =>
    historyColumn(name, 'text', expressions[name], { isRequired: true, ofTable: name }),
  )
}

/** Texts that are empty where they are not known. */
export function writerColumn(name: 'engine' | 'library' | 'application' | 'username' | 'client'): HistoryColumn {
  return historyColumn(name, 'text', sql`nullif(${sql.ref(`w.${name}`)}, '')`)
}

/** The ids of the fields are their positions, from 1. */
export function toFields(columns: readonly HistoryColumn[]): NestedField[] {
  return columns.map(({ name, type, isRequired }, index) => ({ id: index + 1, name, type, required: isRequired }))
}

const MICROS_PER_MS = 1000n

/** A value of its type, exactly. */
export function toValue(storage: Storage, stored: StoredValue): Value | null {
  if (stored === null) return null
  switch (storage) {
    case 'text':
    case 'day':
      return stored
    case 'count':
    case 'id':
      return BigInt(stored)
    case 'instant':
      return BigInt(stored) * MICROS_PER_MS
  }
}
