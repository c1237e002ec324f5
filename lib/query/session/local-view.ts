import { duckdbMessage } from '@/lib/query/duckdb/duckdb-error'
import type { Engine } from '@/lib/query/duckdb/engine'
import { withoutMacros } from '@/lib/query/duckdb/zones/macro-call'
import type { ViewRead } from '@/lib/query/engine'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import type { RewrittenSql } from '@/lib/query/tables/rewrite-tables'
import type { Statement } from '@/lib/query/statement/statements'
import { selectSchema, tryWithMacros } from './zones'

/** A view in DuckDB. Its SQL names tables and views by their local names. */
export type LocalView = ViewRead & { localName: string; sql: string; statement: Statement; hasZoneOperators: boolean }

/** The SQL of a view that names local tables, and the columns that the view declares. */
type LocalViewCandidate = {
  localName: string
  rewritten: RewrittenSql
  statement: Statement
  /** Whether it needs macros for time zones. */
  isZoned: boolean
  declared: readonly string[]
}

/** Creates a view for plans, or says why DuckDB does not accept its SQL. */
export async function tryCreateLocalView(
  engine: Engine,
  { localName, rewritten, statement: { tokens }, isZoned, declared }: LocalViewCandidate,
): Promise<Pick<LocalView, 'sql' | 'hasZoneOperators'> | string> {
  const describe = async (hasOperators: boolean) => {
    await selectSchema(engine, 'shadow', hasOperators)
    return await engine.query(`DESCRIBE ${rewritten.sql}`)
  }
  try {
    const options = { tokens, isZoned, hasOperators: false }
    const described = await tryWithMacros(engine, rewritten.sql, options, describe)
    const { result: description, hasOperators: hasZoneOperators } = described
    const names = description.toArray().map((row) => withoutMacros(String(row.column_name)))
    const sql = selectDeclared(rewritten.sql, names, declared)
    if (sql === null) return `it returns ${names.length} columns, and the view declares ${declared.length}`
    await createView(engine, 'shadow', { localName, sql, hasZoneOperators })
    return { sql, hasZoneOperators }
  } catch (error) {
    const message = duckdbMessage(error)
    if (message === null) throw error
    return rewritten.toSourceText(message)
  }
}

/** Creates a view in one of the schemas with the tables of the lake (`shadow` or `lake`). */
export async function createView(
  engine: Engine,
  schema: 'shadow' | 'lake',
  { localName, sql, hasZoneOperators }: Pick<LocalView, 'localName' | 'sql' | 'hasZoneOperators'>,
): Promise<void> {
  await selectSchema(engine, schema, hasZoneOperators)
  await engine.query(`CREATE OR REPLACE VIEW ${schema}.${quoteIdentifier(localName)} AS ${sql}`)
}

/**
 * The SQL with the columns that the view declares: by name if it returns all of them, otherwise by position; null when
 * neither is possible. A `select *` of a view may return columns that its tables have received since.
 */
function selectDeclared(sql: string, names: readonly string[], declared: readonly string[]): string | null {
  const lowerNames = names.map((name) => name.toLowerCase())
  const lowerDeclared = declared.map((name) => name.toLowerCase())
  if (declared.length === 0 || lowerNames.join('\n') === lowerDeclared.join('\n')) return sql
  const isUnique = new Set(lowerNames).size === lowerNames.length
  const hasAll = isUnique && lowerDeclared.every((name) => lowerNames.includes(name))
  if (!hasAll && names.length !== declared.length) return null
  const columns = declared.map((name, i) => {
    const position = hasAll ? lowerNames.indexOf(name.toLowerCase()) : i
    return `c${position} AS ${quoteIdentifier(name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${sql}\n) AS answer(${names.map((_name, i) => `c${i}`).join(', ')})`
}
