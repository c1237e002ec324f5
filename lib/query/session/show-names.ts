import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import { HISTORY_NAMESPACE, HISTORY_TABLE_NAMES } from '@/lib/facts/history-table-names'
import type { Namespace } from '@/lib/names/identifiers'
import type { QueryRequest } from '@/lib/query/engine'
import type { PlanOptions } from '@/lib/query/load/table-scan'
import type { ShowStatement } from '@/lib/query/statement/show-statement'
import { sqlName } from '@/lib/query/tables/table-name'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import type { LakeNames } from './lake-names'
import { rethrowAt } from './relation-errors'

/** Each namespace takes up to three requests. */
const MAX_NAMESPACES = 200
const MAX_NAMES = 20_000
const MAX_PARALLEL_REQUESTS = 6

const COLUMNS: Readonly<Record<ShowStatement['shows'], readonly string[]>> = {
  tables: ['namespace', 'name', 'type'],
  views: ['namespace', 'name'],
  namespaces: ['namespace'],
  connections: ['connection'],
}

/**
 * A SELECT of the names that SHOW lists, as the user may see them. Without a namespace, it lists those of all namespaces
 * of the connection.
 *
 * @param options null to list nothing, for the columns only
 * @throws {AppError} not-found at the name after FROM; too-large for more namespaces or names than are listed
 */
export async function showNamesSql(
  statement: ShowStatement,
  { connection, connections }: Pick<QueryRequest, 'connection' | 'connections'>,
  names: LakeNames,
  options: PlanOptions | null,
): Promise<string> {
  const { shows, within, pattern } = statement
  const [first = '', ...rest] = within?.parts ?? []
  const hasConnection = connections.includes(first)
  const target = {
    connection: hasConnection ? first : connection,
    namespace: hasConnection ? rest : (within?.parts ?? []),
  }
  const ofHistory = hasConnection ? [] : historyRows(shows, target.namespace)
  const list = async () => {
    if (options === null) return []
    if (shows === 'connections') return connections.map((name) => [name])
    const found = await listRows(shows, target, names, options).catch((error: unknown) => {
      if (ofHistory.length > 0 && within !== null && isNoSuchNamespace(error)) return []
      throw error
    })
    return [...found, ...ofHistory.filter((row) => !found.some((other) => sameNames(row, other)))]
  }
  const rows = await list().catch((error: unknown) =>
    within === null ? Promise.reject(error) : rethrowAt(error, within.range),
  )
  const columns = COLUMNS[shows]
  const named = columns.map(quoteIdentifier).join(', ')
  const nothing = `SELECT ${columns.map(() => `''`).join(', ')} WHERE false`
  const values = rows.map((row) => `(${row.map(quoteString).join(', ')})`).join(', ')
  const shown = rows.length === 0 ? nothing : `VALUES ${values}`
  const condition =
    pattern === null ? '' : ` WHERE ${quoteIdentifier(columns[1] ?? columns[0] ?? '')} LIKE ${quoteString(pattern)}`
  return `SELECT * FROM (${shown}) AS shown(${named})${condition} ORDER BY ALL`
}

/** The tables of the collected history are in no catalog; an own table of such a name takes its place. */
function historyRows(shows: ShowStatement['shows'], [first, ...others]: Namespace): readonly (readonly string[])[] {
  if (others.length > 0 || (first !== undefined && first !== HISTORY_NAMESPACE)) return []
  const namespace = sqlName([HISTORY_NAMESPACE])
  if (shows === 'tables') return HISTORY_TABLE_NAMES.map((name) => [namespace, name, 'table'])
  return shows === 'namespaces' && first === undefined ? [[namespace]] : []
}

function sameNames(row: readonly string[], [namespace, name]: readonly string[]): boolean {
  return row[0] === namespace && row[1] === name
}

function isNoSuchNamespace(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not-found'
}

async function listRows(
  shows: Exclude<ShowStatement['shows'], 'connections'>,
  { connection, namespace }: { connection: string; namespace: Namespace },
  names: LakeNames,
  options: PlanOptions,
): Promise<readonly (readonly string[])[]> {
  const top = namespace.length === 0 ? null : namespace
  if (shows === 'namespaces')
    return (await listAllNamespaces(connection, top, names, options)).map((each) => [sqlName(each)])
  const namespaces = top === null ? await listAllNamespaces(connection, null, names, options) : [top]
  return await listEntries(shows, connection, namespaces, names, options)
}

/** The namespaces beneath one, at every depth. */
async function listAllNamespaces(
  connection: string,
  top: Namespace | null,
  names: LakeNames,
  options: PlanOptions,
): Promise<readonly Namespace[]> {
  const found: Namespace[] = []
  let parents: readonly (Namespace | null)[] = [top]
  while (parents.length > 0) {
    const listed = await pMap(parents, (parent) => names.listNamespaces(connection, parent, options), {
      concurrency: MAX_PARALLEL_REQUESTS,
      signal: options.signal,
    })
    const children = listed.flatMap(({ namespaces }) => namespaces)
    found.push(...children)
    if (found.length > MAX_NAMESPACES || listed.some(({ isTruncated }) => isTruncated)) throw tooManyNamespacesError()
    parents = children
  }
  return found
}

async function listEntries(
  shows: 'tables' | 'views',
  connection: string,
  namespaces: readonly Namespace[],
  names: LakeNames,
  options: PlanOptions,
): Promise<readonly (readonly string[])[]> {
  let nameCount = 0
  const rows = await pMap(
    namespaces,
    async (namespace) => {
      const tables = shows === 'tables' ? await names.listTables(connection, namespace, options) : []
      const views = await names.listViews(connection, namespace, options)
      nameCount += tables.length + views.length
      if (nameCount > MAX_NAMES) throw tooManyNamesError()
      const written = sqlName(namespace)
      if (shows === 'views') return views.map((name) => [written, name])
      return [...tables.map((name) => [written, name, 'table']), ...views.map((name) => [written, name, 'view'])]
    },
    { concurrency: MAX_PARALLEL_REQUESTS, signal: options.signal },
  )
  return rows.flat()
}

function tooManyNamespacesError(): AppError {
  return new AppError('too-large', `SHOW lists at most ${MAX_NAMESPACES} namespaces, and there are more.`, {
    facts: { hint: 'Name one of them, such as SHOW TABLES FROM demo.' },
  })
}

function tooManyNamesError(): AppError {
  return new AppError('too-large', `SHOW lists at most ${MAX_NAMES} names, and there are more.`, {
    facts: { hint: 'Name a namespace, such as SHOW TABLES FROM demo.' },
  })
}
