import 'server-only'
import { type AliasedRawBuilder, type Expression, type InsertObject, type RawBuilder, sql, type SqlBool } from 'kysely'
import type { Dialect } from './statement'
import type { Tables } from './tables'

/** Inserts the row if all conditions hold when the statement runs; otherwise it changes no row. */
export function insertIf<Table extends keyof Tables>(
  { db }: Pick<Dialect, 'db'>,
  table: Table,
  row: InsertObject<Tables, Table>,
  ...conditions: readonly Expression<SqlBool>[]
) {
  const isColumn = (name: string): name is keyof Tables[Table] & string => Object.hasOwn(row, name)
  const values = Object.values<unknown>(row).map((value) => sql`${value}`)
  const condition = sql.join(
    conditions.map((each) => sql`(${each})`),
    sql` and `,
  )
  return db
    .insertInto(table)
    .columns(Object.keys(row).filter(isColumn))
    .expression(sql`select ${sql.join(values)} where ${condition}`)
}

/** The column of a query that counts rows, for {@link isBelow}. */
export const ROW_COUNT: AliasedRawBuilder<number, 'count'> = sql<number>`count(*)`.as('count')

/** @param count a query of {@link ROW_COUNT} alone */
export function isBelow(count: Expression<unknown>, max: number): RawBuilder<SqlBool> {
  return sql<SqlBool>`${count} < ${max}`
}
