import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { CHECKED_TABLE, MAX_CHECK_SQL_CHARS } from '@/lib/iceberg/properties/table-checks'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { checkReadOnly } from '@/lib/query/statement/read-only'
import { requireClosed, splitStatements } from '@/lib/query/statement/statements'
import { tokenKeyword } from '@/lib/query/statement/tokenize'
import { resolveTableName } from '../tables/table-name'
import { findTableReferences } from '../tables/table-references'

/** Statements that only read, and that have no place in FROM. */
const NOT_IN_FROM: ReadonlySet<string> = new Set(['EXPLAIN', 'SHOW'])

type CheckStatement = {
  /** The rows that break the check, each value as text. */
  sql: string
  /** The tables it names, without the tables behind views. */
  tables: readonly TableIdentifier[]
}

/** The SQL names its table nowhere, or has a mistake before the name. */
export class UnreadTable extends AppError {}

/**
 * The statement that carries out a check on one snapshot of its table.
 *
 * @param sql one query, which reads the table as `this_table`
 * @throws {AppError} query-failed when it is not one query, does more than read; {@link UnreadTable} when it does not read the table
 */
export function checkStatement(
  sql: string,
  { table, snapshotId, connections }: { table: TableIdentifier; snapshotId: string; connections: readonly string[] },
): CheckStatement {
  if (sql.length > MAX_CHECK_SQL_CHARS)
    throw new AppError('query-failed', `A check has at most ${MAX_CHECK_SQL_CHARS} characters.`)
  const [statement, another] = splitStatements(sql)
  if (!statement || another) throw new AppError('query-failed', 'A check is one query.')
  requireClosed(sql, statement)
  checkReadOnly(statement.tokens)
  if (NOT_IN_FROM.has(tokenKeyword(statement.tokens[0]) ?? ''))
    throw new AppError('query-failed', 'A check is a SELECT whose rows break it.')
  const references = findTableReferences(statement.tokens, { nowMs: 0 })
  const checked = references.filter(({ parts }) => parts.length === 1 && parts[0]?.toLowerCase() === CHECKED_TABLE)
  if (checked.length === 0)
    throw new UnreadTable('query-failed', `A check reads the table as ${CHECKED_TABLE}, and this one does not.`)
  const version = [table.catalog, ...table.namespace, table.table].map(quoteIdentifier).join('.')
  let text = ''
  let from = statement.start
  for (const { fullRange, asOf, alias } of checked) {
    if (Object.keys(asOf).length > 0)
      throw new AppError('query-failed', `${CHECKED_TABLE} is the snapshot that is checked, and has no other version.`)
    text += `${sql.slice(from, fullRange.start)}${version} FOR VERSION AS OF ${snapshotId}`
    if (alias === null) text += ` AS ${CHECKED_TABLE}`
    from = fullRange.end
  }
  text += sql.slice(from, statement.end)
  const others = references.flatMap(({ parts, nameRange, file }) =>
    parts.length < 2 || file ? [] : [resolveTableName(parts, nameRange, { connections, connection: table.catalog })],
  )
  return { sql: `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\n${text}\n) AS violations`, tables: [table, ...others] }
}
