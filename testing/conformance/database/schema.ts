import type { DatabaseSync } from 'node:sqlite'
import type { Client } from 'pg'

/**
 * The tables of a database, described in the same way for both kinds. Differences between the kinds are left out: the
 * indexes of the parts of words, which are tables of FTS5 in SQLite and an expression in PostgreSQL, and those of sums by
 * period, which only PostgreSQL needs.
 */
export type Schema = Record<string, TableShape>

type TableShape = {
  columns: Record<string, { type: string; isNullable: boolean; default: string | null }>
  primaryKey: string[]
  /** The columns of each unique key, including the primary key; `lower(column)` if it ignores case. */
  uniques: string[]
  /** The columns of each index, including those of keys. */
  indexed: string[]
  references: string[]
  /** The values that a column may have. */
  checks: string[]
}

type Index = { columns: string[]; isUnique: boolean }

export function readSqliteSchema(database: DatabaseSync): Schema {
  const tables = database
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search_%_parts%'",
    )
    .all() as { name: string; sql: string }[]
  return Object.fromEntries(tables.map(({ name, sql }) => [name, readSqliteShape(database, name, sql)]))
}

function readSqliteShape(database: DatabaseSync, table: string, tableSql: string): TableShape {
  const query = <Row>(sql: string, argument = table) => database.prepare(sql).all(argument) as Row[]
  const columns = query<{ name: string; type: string; notnull: number; dflt_value: string | null; pk: number }>(
    'SELECT * FROM pragma_table_info(?)',
  )
  const primaryKey = columns
    .filter(({ pk }) => pk > 0)
    .sort((one, other) => one.pk - other.pk)
    .map(({ name }) => name)
  const indexRows = query<{ name: string; unique: number }>('SELECT * FROM pragma_index_list(?)')
  const indexes = indexRows.map(({ name, unique }): Index => {
    const keys = query<{ name: string; coll: string; desc: number }>(
      'SELECT * FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno',
      name,
    )
    const columnNames = keys.map(({ name, coll, desc }) => {
      const column = coll === 'NOCASE' ? `lower(${name})` : name
      return desc === 1 ? `${column} DESC` : column
    })
    return { columns: columnNames, isUnique: unique === 1 }
  })
  const references = query<{ from: string; table: string; to: string; on_delete: string }>(
    'SELECT * FROM pragma_foreign_key_list(?)',
  )
  return {
    columns: Object.fromEntries(
      columns.map(({ name, type, notnull, dflt_value, pk }) => [
        name,
        // SQLite allows nulls in a key of a table that is not strict.
        { type: type.toLowerCase(), isNullable: notnull === 0 && pk === 0, default: dflt_value },
      ]),
    ),
    primaryKey,
    // The key of a table may be its row number, which needs no index.
    ...indexColumns([{ columns: primaryKey, isUnique: true }, ...indexes]),
    references: references.map(({ from, table, to, on_delete }) => `${from} -> ${table}.${to} ${on_delete}`).sort(),
    checks: [...tableSql.matchAll(/CHECK \((\w+) (?:IN|=) (.*?)\)/g)]
      .map(([, column = '', values = '']) => `${column}: ${valuesIn(values)}`)
      .sort(),
  }
}

/** How PostgreSQL writes the default of a text column: `'[]'::text`. */
const CAST_TO_OWN_TYPE = /::text$/

export async function readPostgresSchema(client: Client, schema: string): Promise<Schema> {
  const { rows: columns } = await client.query<ColumnRow>(
    `SELECT table_name, column_name, data_type, character_maximum_length AS length, is_nullable, column_default
      FROM information_schema.columns WHERE table_schema = $1 ORDER BY ordinal_position`,
    [schema],
  )
  const { rows: indexes } = await client.query<IndexRow>(
    `SELECT indrelid::regclass::text AS table, indisunique AS "isUnique", indisprimary AS "isPrimary",
        ARRAY(SELECT replace(pg_get_indexdef(indexrelid, k, true), '"', '') || CASE WHEN indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
          FROM generate_series(1, indnkeyatts) k ORDER BY k) AS columns
      FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
      WHERE relnamespace = $1::regnamespace AND indexrelid::regclass::text NOT LIKE 'search_%_parts'
        AND indexrelid::regclass::text NOT IN ('fact_hours_by_period', 'fact_days_by_period')`,
    [schema],
  )
  const { rows: constraints } = await client.query<ConstraintRow>(
    `SELECT conrelid::regclass::text AS table, contype::text AS kind, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint WHERE connamespace = $1::regnamespace`,
    [schema],
  )
  const names = [...new Set(columns.map((column) => column.table_name))]
  return Object.fromEntries(
    names.map((name) => [
      name,
      toTableShape(
        columns.filter((column) => column.table_name === name),
        indexes.filter(({ table }) => table === name),
        constraints.filter(({ table }) => table === name),
      ),
    ]),
  )
}

type ColumnRow = {
  table_name: string
  column_name: string
  data_type: string
  length: number | null
  is_nullable: 'YES' | 'NO'
  column_default: string | null
}
type IndexRow = Index & { table: string; isPrimary: boolean }
type ConstraintRow = { table: string; kind: string; definition: string }

function toTableShape(
  columns: readonly ColumnRow[],
  indexes: readonly IndexRow[],
  constraints: readonly ConstraintRow[],
): TableShape {
  const definitions = (kind: string) =>
    constraints.filter((one) => one.kind === kind).map(({ definition }) => definition)
  return {
    columns: Object.fromEntries(
      columns.map(({ column_name, data_type, length, is_nullable, column_default }) => {
        const type = length === null ? data_type.replace('bigint', 'integer') : `varchar(${length})`
        return [
          column_name,
          { type, isNullable: is_nullable === 'YES', default: column_default?.replace(CAST_TO_OWN_TYPE, '') ?? null },
        ]
      }),
    ),
    primaryKey: indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [],
    ...indexColumns(indexes),
    references: definitions('f')
      .map((definition) =>
        definition.replace(
          /^FOREIGN KEY \((\w+)\) REFERENCES (?:\w+\.)?(\w+)\((\w+)\) ON DELETE (\w+)$/,
          '$1 -> $2.$3 $4',
        ),
      )
      .sort(),
    checks: definitions('c')
      .map((definition) => `${/\(\(+(\w+)/.exec(definition)?.[1] ?? ''}: ${valuesIn(definition)}`)
      .sort(),
  }
}

/** Column lists that several indexes share are counted once. */
function indexColumns(indexes: readonly Index[]): Pick<TableShape, 'uniques' | 'indexed'> {
  const columnLists = (chosen: readonly Index[]) => [...new Set(chosen.map(({ columns }) => columns.join(', ')))].sort()
  return { uniques: columnLists(indexes.filter(({ isUnique }) => isUnique)), indexed: columnLists(indexes) }
}

/** Quoted words and numbers. */
function valuesIn(text: string): string {
  return [...text.matchAll(/'([^']*)'|\b(\d+)\b/g)].map(([, word, number]) => word ?? number).join(', ')
}
