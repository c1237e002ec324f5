import type { TableIdentifier } from '@/lib/names/identifiers'
import { nameLimitProblem } from '@/lib/names/name-limits'
import { quoteIdentifier } from '../../sql/quote-identifier'
import { type SqlRange, sqlError } from '../statement/sql-error'

/**
 * The table that a name refers to: `[connection.]namespace….table`. The first part is a connection if one has that name
 * and a namespace and a table follow it; otherwise the name refers to the chosen connection.
 *
 * @throws {AppError} query-failed when the name has no namespace, or is larger than any name may be
 */
export function resolveTableName(
  parts: readonly string[],
  range: SqlRange,
  { connections, connection }: { connections: readonly string[]; connection: string },
): TableIdentifier {
  const [first = ''] = parts
  const table = parts.at(-1) ?? ''
  if (parts.length < 2)
    throw sqlError(
      `${table} has no namespace. Write the table's name as namespace.table.`,
      range,
      `Write its namespace first, such as demo.${table}, or define a common table expression of that name.`,
    )
  const hasConnection = parts.length > 2 && connections.includes(first)
  const identifier = {
    catalog: hasConnection ? first : connection,
    namespace: parts.slice(hasConnection ? 1 : 0, -1),
    table,
  }
  const problem = nameLimitProblem(identifier)
  if (problem !== null) throw sqlError(problem, range)
  return identifier
}

/**
 * A table's name as SQL, as short as {@link resolveTableName} understands it: without the connection if that is the
 * chosen one.
 */
export function writeTableName(
  { catalog, namespace, table }: TableIdentifier,
  { connections, connection }: { connections: readonly string[]; connection: string },
): string {
  const short = [...namespace, table]
  // The first of more than two parts is read as a connection if one has that name.
  const isAmbiguous = short.length > 2 && connections.includes(short[0] ?? '')
  return sqlName(catalog === connection && !isAmbiguous ? short : [catalog, ...short])
}

/** Words that DuckDB reserves where a name could be. */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric at both case cast check collate column constraint create default ' +
    'deferrable desc describe distinct do else end except false fetch for foreign from group having in initially ' +
    'intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider ' +
    'placing primary qualify references returning select show some summarize symmetric table then to trailing true ' +
    'union unique unpivot using values variadic when where window with'
  ).split(' '),
)

/** Lower-case letters of any language: DuckDB, and our own parser, read them without quotes. */
const PLAIN_NAME = /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}0-9_]*$/u

/** A name as SQL; a part is quoted only if it needs quotes. */
export function sqlName(parts: readonly string[]): string {
  return parts.map((part) => (PLAIN_NAME.test(part) && !RESERVED.has(part) ? part : quoteIdentifier(part))).join('.')
}
