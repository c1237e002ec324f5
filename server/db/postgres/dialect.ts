import 'server-only'
import { PostgresQueryCompiler, type RawBuilder, sql } from 'kysely'
import { createQueryBuilder } from '../query-builder'
import { type Dialect, toJsonOfTexts } from '../statement'

/** PostgreSQL: the clock is the server's, and text of tables that other programs created names its collation. */
export const POSTGRES: Dialect = {
  name: 'postgres',
  db: createQueryBuilder(() => new PostgresQueryCompiler()),
  nowMs: sql<number>`(extract(epoch from statement_timestamp()) * 1000)::bigint`,
  bytes: (column) => sql<string>`${sql.ref(column)} collate "C"`,
  ignoreCase: (column) => sql<string>`lower(${sql.ref(column)})`,
  byteLength: (text) => sql<number>`octet_length(${text}::text)`,
  position: (text, part) => sql<number>`strpos(${text}, ${part})`,
  greatest: (...numbers) => sql<number>`greatest(${sql.join(numbers)})`,
  rowsWithParts(name, parts, limit) {
    const table = sql.table(name)
    // Either keeps the conditions around it out of the plan, so that the index of parts is used.
    const bound = limit === null ? sql`offset 0` : sql`limit ${sql.lit(limit)}`
    return sql`(select * from ${table} where search_parts(text) @> array[${sql.join(parts)}]::text[] ${bound}) as ${table}`
  },
  rowsOfTexts,
  lookUp: (sought, table, condition) => sql`${rowsOfTexts(sought)} ${joinEach(table, condition)}`,
  joinEach,
}

function rowsOfTexts(sought: Parameters<Dialect['rowsOfTexts']>[0]): RawBuilder<unknown> {
  return sql`(select (one ->> 0) collate "C" as a, (one ->> 1) collate "C" as b, (one ->> 2) collate "C" as c
    from json_array_elements(${toJsonOfTexts(sought)}::text::json) as one) as sought`
}

/** The bound keeps the condition from becoming a join of all rows with all rows. */
function joinEach(table: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`cross join lateral (select * from ${sql.table(table)} where ${condition} offset 0) as ${sql.table(table)}`
}
