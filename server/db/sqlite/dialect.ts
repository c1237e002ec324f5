import 'server-only'
import { type RawBuilder, sql, SqliteQueryCompiler } from 'kysely'
import { createQueryBuilder } from '../query-builder'
import { type Dialect, NowMs, toJsonOfTexts } from '../statement'

/** SQLite: text compares by bytes by default, and the clock is that of this machine, which all its users share. */
export const SQLITE: Dialect = {
  name: 'sqlite',
  db: createQueryBuilder(() => new SqliteQueryCompiler()),
  nowMs: sql<number>`${new NowMs()}`,
  bytes: (column) => sql<string>`${sql.ref(column)}`,
  ignoreCase: (column) => sql<string>`${sql.ref(column)} collate nocase`,
  byteLength: (text) => sql<number>`length(cast(${text} as blob))`,
  position: (text, part) => sql<number>`instr(${text}, ${part})`,
  greatest: (...numbers) => sql<number>`max(${sql.join(numbers)})`,
  rowsWithParts(name, parts, limit) {
    const [table, index] = [sql.table(name), sql.table(`${name}_parts`)]
    // A part in quotes is not an operator of FTS5.
    const all = parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(' AND ')
    const bound = limit === null ? sql`` : sql`limit ${sql.lit(limit)}`
    return sql`(select ${table}.* from ${index} cross join ${table}
      where ${index} match ${all} and ${table}.id = ${index}.rowid ${bound}) as ${table}`
  },
  rowsOfTexts,
  lookUp: (sought, table, condition) => sql`${rowsOfTexts(sought)} ${joinEach(table, condition)}`,
  joinEach,
}

function rowsOfTexts(sought: Parameters<Dialect['rowsOfTexts']>[0]): RawBuilder<unknown> {
  return sql`(select value ->> 0 as a, value ->> 1 as b, value ->> 2 as c
    from json_each(${toJsonOfTexts(sought)})) as sought`
}

function joinEach(table: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`cross join ${sql.table(table)} on ${condition}`
}
