import { AppError } from '@/lib/errors'
import { isSameTable, joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { splitStatements } from '@/lib/query/statement/statements'
import { isSymbol, type Token, tokenKeyword, tokenName } from '@/lib/query/statement/tokenize'
import { findFormerNames } from './former-names'

/**
 * How a text uses a table. `columns`: those of the table that it names, if it is certain that it names all that it reads;
 * null: every column, as `*` does, or not known.
 */
export type TableUse = { certainty: 'reads' | 'may-read'; columns: readonly string[] | null }

/** A table that a text names. Not certain: the name may also mean another table. */
export type NamedTable = { identifier: TableIdentifier; isCertain: boolean }

/**
 * Null if the text does not use the table.
 *
 * @param named null for a text that cannot be resolved: it may read the table if it has the name of the table anywhere
 * @param columns of the table, at its top level
 */
export function findTableUse(
  sql: string,
  named: readonly NamedTable[] | null,
  { table, columns }: { table: TableIdentifier; columns: readonly string[] },
): TableUse | null {
  if (named === null)
    return sql.toLowerCase().includes(table.table.toLowerCase()) ? { certainty: 'may-read', columns: null } : null
  const found = named.filter(({ identifier }) => isSameTable(foldCase(identifier), foldCase(table)))
  if (found.length === 0) return null
  const isCertain = found.some((one) => one.isCertain && isSameTable(one.identifier, table))
  return { certainty: isCertain ? 'reads' : 'may-read', columns: findNamedColumns(sql, columns) }
}

/** The use by several texts, such as the dialects of a view; null if none of them uses the table. */
export function joinTableUses(uses: readonly (TableUse | null)[]): TableUse | null {
  const found = uses.filter((use) => use !== null)
  if (found.length === 0) return null
  return {
    certainty: found.some(({ certainty }) => certainty === 'reads') ? 'reads' : 'may-read',
    columns: found.some(({ columns }) => columns === null)
      ? null
      : [...new Set(found.flatMap(({ columns }) => columns ?? []))],
  }
}

/** Engines that ignore case find the table under another spelling. */
function foldCase({ catalog, namespace, table }: TableIdentifier): TableIdentifier {
  return { catalog, namespace: [joinNamespace(namespace).toLowerCase()], table: table.toLowerCase() }
}

/**
 * The columns whose names are in the text, in the order of the table. Another table of the text may have columns of the
 * same names. Null for a text that reads every column: by `*`, without SELECT, or by what DuckDB expands itself.
 */
export function findNamedColumns(sql: string, columns: readonly string[]): string[] | null {
  return findColumns(
    sql,
    columns,
    (tokens) => new Set(tokens.flatMap((token) => tokenName(token)?.toLowerCase() ?? [])),
  )
}

/** The same for columns that the table no longer has, whose names a text may have given to its output. */
export function findFormerColumns(sql: string, columns: readonly string[]): string[] | null {
  return findColumns(sql, columns, findFormerNames)
}

function findColumns(
  sql: string,
  columns: readonly string[],
  namesIn: (tokens: readonly Token[]) => ReadonlySet<string>,
): string[] | null {
  let tokens: Token[]
  try {
    tokens = splitStatements(sql).flatMap((statement) => [...statement.tokens])
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
  const keywords = new Set(tokens.map((token) => tokenKeyword(token)))
  if (!keywords.has('SELECT') || EXPANDING_KEYWORDS.some((keyword) => keywords.has(keyword))) return null
  if (tokens.some((_, i) => isStar(tokens, i))) return null
  const names = namesIn(tokens)
  return columns.filter((column) => names.has(column.toLowerCase()))
}

/** They read columns that the text does not name. */
const EXPANDING_KEYWORDS = [
  'NATURAL',
  'COLUMNS',
  'PIVOT',
  'UNPIVOT',
  'SUMMARIZE',
  'DESCRIBE',
  'EXCLUDE',
  'TABLE',
] as const

/** A star that stands for columns: not that of `count(*)`, and not a product. */
function isStar(tokens: readonly Token[], i: number): boolean {
  if (!isSymbol(tokens[i], '*')) return false
  const before = tokens[i - 1]
  if (isSymbol(before, '(')) return tokenKeyword(tokens[i - 2]) !== 'COUNT'
  if (before === undefined || isSymbol(before, ',') || isSymbol(before, '.')) return true
  return STAR_FOLLOWS.has(tokenKeyword(before) ?? '')
}

const STAR_FOLLOWS: ReadonlySet<string> = new Set(['SELECT', 'DISTINCT', 'ALL'])
