import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toReadValue } from './read-value'
import type { ValueReader } from './value-reader'

/** How an engine writes texts of values. Columns are names in its quotes. */
export type SqlDialect = {
  quote: (name: string) => string
  relation: (table: TableIdentifier) => string
  /** The text of a primitive value. */
  text: (column: string, type: PrimitiveType) => string
  /** The JSON of a nested value, whose innermost values are texts. */
  json: (column: string, textType: string) => string
  /** The names of types that have texts in place of all primitive types. */
  textTypes: {
    text: string
    struct: (fields: readonly (readonly [name: string, type: string])[]) => string
    list: (element: string) => string
    map: (key: string, value: string) => string
  }
  /** The condition that a column has a value. */
  equals: (column: string, type: PrimitiveType, text: string) => string
  /** @returns rows of texts */
  query: (sql: string) => Promise<(string | null)[][]>
}

/** A reader that asks for every value as a text, because clients would round some values. */
export function createSqlReader(dialect: SqlDialect): Pick<ValueReader, 'read' | 'count'> {
  const textType = (type: Type): string => {
    const { text, struct, list, map } = dialect.textTypes
    if (typeof type === 'string') return text
    if (type.type === 'struct') return struct(type.fields.map((field) => [field.name, textType(field.type)] as const))
    return type.type === 'list' ? list(textType(type.element)) : map(textType(type.key), textType(type.value))
  }
  return {
    async read(table, columns) {
      const shown = columns.map(({ name, type }) =>
        typeof type === 'string'
          ? dialect.text(dialect.quote(name), type)
          : dialect.json(dialect.quote(name), textType(type)),
      )
      const rows = await dialect.query(`SELECT ${shown.join(', ')} FROM ${dialect.relation(table)}`)
      return rows.map((row) => columns.map((column, i) => readText(column, row[i] ?? null)))
    },
    async count(table, { name, type }, texts) {
      if (typeof type !== 'string') throw new Error('only primitive values are searched for')
      const counts = texts.map(
        (text, i) =>
          `SELECT ${i} AS i, count(*) AS n FROM ${dialect.relation(table)} WHERE ${dialect.equals(dialect.quote(name), type, text)}`,
      )
      const rows = await dialect.query(counts.join(' UNION ALL '))
      return rows.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, count]) => Number(count))
    },
  }
}

function readText({ type }: NestedField, text: string | null) {
  return toReadValue(type, typeof type === 'string' || text === null ? text : parseExactJson(text))
}
