import 'server-only'
import type { DuckDBType } from '@duckdb/node-api'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { infiniteSql } from '@/server/codecs/duckdb-infinity'
import { quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { ColumnCast } from '../cast/column-cast'
import { guardedExpression } from '../cast/expression-column'
import type { LoadPlan } from './load-plan'
import type { MappingProblems } from './mapping-problems'
import { bindExpression, castExpression, ExpressionProblem } from './sql-expression'

/**
 * A field as expressions find it, by its name, and its column in the relation of the input.
 *
 * @property from the type of a field that is not text
 */
export type RelationField = { name: string; column: string; type: string; from?: DuckDBType }

/** @property sql to explain a row that does not fit */
export type ComputedColumn = { field: NestedField; columnIndex: number; sql: string; names: readonly string[] }

/** The expressions of a plan over a relation. */
export type ComputedColumns = {
  /** The relation with a column for each expression; unchanged if there is none. */
  relation: string
  /** By the index of the column. */
  casts: ReadonlyMap<number, ColumnCast>
  /** Null if there is no expression. */
  computed: { columns: readonly ComputedColumn[]; fields: readonly RelationField[]; source: string } | null
}

/**
 * Adds the expressions of a plan to a relation. An expression sees the fields under their own names and nothing else of
 * the relation.
 *
 * @param plainColumns the columns of the relation that other casts need
 */
export async function computeColumns(
  session: DuckdbSession,
  { columns, ignoreExtra }: LoadPlan,
  {
    source,
    plainColumns,
    fields,
  }: { source: string; plainColumns: readonly string[]; fields: readonly RelationField[] },
  problems: MappingProblems,
): Promise<ComputedColumns> {
  const casts = new Map<number, ColumnCast>()
  const computed: ComputedColumn[] = []
  const selected: string[] = []
  for (const [i, { field, source: from }] of columns.entries()) {
    if (from.kind !== 'expression' || problems.columns.some(({ column }) => column === field.name)) continue
    const { sql, names } = from.expression
    try {
      const type = await bindExpression(session, from.text, fields)
      casts.set(i, castExpression(field, `x${i}`, { type, ignoreExtra }))
      const isInfinite = anyInfiniteSql(names, fields)
      const guarded = guardedExpression(sql)
      selected.push(`${isInfinite === null ? guarded : `CASE WHEN NOT (${isInfinite}) THEN ${guarded} END`} AS x${i}`)
      const explained = isInfinite === null ? sql : `CASE WHEN ${isInfinite} THEN ${INFINITE} ELSE ${sql} END`
      computed.push({ field, columnIndex: i, sql: explained, names: names.map(({ name }) => name) })
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error
      problems.addColumn(field.name, error.message, error.position)
    }
  }
  if (computed.length === 0) return { relation: source, casts, computed: null }
  const prefix = findPrefix(fields)
  const inner = [
    ...plainColumns.map((name) => `${name} AS ${prefix}${name}`),
    ...fields.map(({ name, column }) => `${column} AS ${quoteIdentifier(name)}`),
  ]
  const outer = [...plainColumns.map((name) => `${prefix}${name} AS ${name}`), ...selected]
  const relation = `(SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${source}))`
  return { relation, casts, computed: { columns: computed, fields, source } }
}

const INFINITE = "error('a field has a time that DuckDB takes for infinity')"

/** SQL that is true if a field has such a time, from which an expression would compute another value; null if none can. */
function anyInfiniteSql(names: readonly { name: string }[], fields: readonly RelationField[]): string | null {
  const tests = names.flatMap(({ name }) => {
    const from = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.from
    return (from && infiniteSql(from, quoteIdentifier(name))) ?? []
  })
  return tests.length === 0 ? null : tests.join(' OR ')
}

/** A prefix that no field has: an expression names fields only, and a column of ours must not hide one. */
function findPrefix(fields: readonly RelationField[]): string {
  let prefix = 'p_'
  while (fields.some(({ name }) => name.toLowerCase().startsWith(prefix))) prefix += '_'
  return prefix
}
