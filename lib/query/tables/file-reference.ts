import { requireTableFunction } from '../statement/engine-functions'
import { type SqlRange, sqlError } from '../statement/sql-error'
import { isSymbol, tokenKeyword, tokenize, tokenName, tokenString, type Token } from '../statement/tokenize'

/** One Parquet file in place of a table. */
export type FileReference = {
  /** A file that a snapshot of a table names, or one that the user dropped into this page. */
  source: { kind: 'table'; path: string; table: readonly string[] } | { kind: 'dropped'; name: string }
  /** The snapshot of the table; null for its current snapshot. */
  snapshotId: string | null
  /** The range of the path. */
  pathRange: SqlRange
}

/** Files that the user dropped are named after this. */
const DROPPED_SCHEME = 'dropped:'
const FUNCTIONS = new Set(['READ_PARQUET', 'PARQUET_SCAN'])
const EXAMPLE = "read_parquet('s3://…/a.parquet', table = 'demo.flights')"

export function isFileFunction(tokens: readonly Token[], at: number): boolean {
  return FUNCTIONS.has(tokenKeyword(tokens[at]) ?? '') && isSymbol(tokens[at + 1], '(')
}

/** Functions of DuckDB and its extensions that read other files, URLs or databases, or describe files. */
const REFUSED_FUNCTIONS =
  /^(READ_(?!PARQUET$)\w+|SNIFF_CSV|GLOB|PARQUET_(?!SCAN$)\w+|(ARROW|DELTA|ICEBERG|MYSQL|POSTGRES|SEQ|SQLITE)_(SCAN|SNAPSHOTS|METADATA|QUERY|ATTACH)\w*|SCAN_ARROW_IPC|ST_READ\w*)$/

/** @throws {AppError} query-failed for a function that reads what Query does not, and for any that is not known */
export function checkTableFunction(name: Token): void {
  if (!REFUSED_FUNCTIONS.test((tokenName(name) ?? '').toUpperCase())) return requireTableFunction(name)
  throw sqlError(
    `Query does not have ${name.text}: it reads tables of the lake, and single Parquet files.`,
    name,
    `Load the file into a table, or write ${EXAMPLE}. A dropped Parquet file is read_parquet('dropped:name.parquet').`,
  )
}

/**
 * Reads the call of a function that reads a Parquet file: `read_parquet(path, table = 'namespace.table', snapshot =
 * '123')`, or `read_parquet('dropped:name.parquet')`.
 *
 * @param at the name of the function
 * @throws {AppError} query-failed, at the argument, for anything that is not a single file of a table or a dropped one
 */
export function readFileCall(tokens: readonly Token[], at: number): { file: FileReference; next: number } {
  const name = tokens[at]
  const pathToken = tokens[at + 2]
  const path = tokenString(pathToken)
  if (name === undefined || pathToken === undefined || path === null) {
    const range = pathToken ?? name ?? { start: 0, end: 0 }
    throw sqlError('read_parquet reads one file, whose path is a text in quotes.', range, `Write ${EXAMPLE}.`)
  }
  const options = new Map<string, { value: string; token: Token }>()
  let next = at + 3
  while (isSymbol(tokens[next], ',')) {
    const option = tokens[next + 1]
    const key = tokenKeyword(option)?.toLowerCase() ?? ''
    const valueToken = tokens[next + 3]
    const isAssigned = [':=', '=>', '='].some((symbol) => isSymbol(tokens[next + 2], symbol))
    const value = tokenString(valueToken) ?? (valueToken?.kind === 'number' ? valueToken.text : null)
    if (option === undefined || !['table', 'snapshot'].includes(key) || options.has(key))
      throw sqlError(
        'read_parquet takes a path, the table of the file and a snapshot of it.',
        option ?? name,
        `Write ${EXAMPLE}.`,
      )
    if (!isAssigned || valueToken === undefined || value === null)
      throw sqlError(`Write ${key} = and a text in quotes.`, option, `Write ${EXAMPLE}.`)
    options.set(key, { value, token: valueToken })
    next += 4
  }
  if (!isSymbol(tokens[next], ')'))
    throw sqlError('The call of read_parquet is not closed.', tokens[next] ?? pathToken, `Write ${EXAMPLE}.`)
  return { file: toReference(path, pathToken, options), next: next + 1 }
}

function toReference(
  path: string,
  pathRange: SqlRange,
  options: ReadonlyMap<string, { value: string; token: Token }>,
): FileReference {
  const table = options.get('table')
  const snapshotId = options.get('snapshot')
  if (snapshotId !== undefined && !/^\d{1,19}$/.test(snapshotId.value))
    throw sqlError(`${snapshotId.value} is not the id of a snapshot.`, snapshotId.token)
  if (path.startsWith(DROPPED_SCHEME)) {
    if (table || snapshotId)
      throw sqlError('A dropped file belongs to no table.', (table ?? snapshotId)?.token ?? pathRange)
    const source = { kind: 'dropped', name: path.slice(DROPPED_SCHEME.length) } as const
    return { source, snapshotId: null, pathRange }
  }
  if (table === undefined)
    throw sqlError(
      'Query reads only files that a snapshot of a table names, and files that you dropped here.',
      pathRange,
      `Name the table: ${EXAMPLE}. A dropped file is read_parquet('dropped:name.parquet').`,
    )
  const parts = readName(table.value)
  if (parts === null) throw sqlError(`${table.value} is not the name of a table.`, table.token, `Write ${EXAMPLE}.`)
  return { source: { kind: 'table', path, table: parts }, snapshotId: snapshotId?.value ?? null, pathRange }
}

/** The parts of a dotted name; null if it is none. */
function readName(text: string): string[] | null {
  const tokens = tokenize(text)
  const parts = tokens.filter((_token, index) => index % 2 === 0).map(tokenName)
  const hasDots = tokens.every((token, index) => index % 2 === 0 || isSymbol(token, '.'))
  if (!hasDots || tokens.length % 2 === 0) return null
  return parts.every((part) => part !== null) ? parts : null
}
