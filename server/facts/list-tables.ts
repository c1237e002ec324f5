import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'

const MAX_NAMESPACES = 50_000
/** After so many namespaces in a row without a response the catalog is down. */
const MAX_FAILURES_IN_A_ROW = 3

/** The tables of a catalog. */
export type TableList = {
  tables: TableIdentifier[]
  /** Namespaces that could not be listed, or of which the namespaces in them could not: their tables are not known. */
  unlisted: Namespace[]
  /** Whether the catalog has more tables or namespaces than are listed. */
  isTruncated: boolean
  /** Why the rest could not be listed; null if each namespace was tried. */
  failure: AppError | null
}

/** Whether a table would be in the list if there were one of its name. */
export function isCovered({ unlisted, isTruncated, failure }: TableList, { namespace }: TableIdentifier): boolean {
  if (isTruncated || failure !== null) return false
  return !unlisted.some((outer) => outer.every((level, index) => level === namespace[index]))
}

/**
 * Lists the tables of a catalog, namespace by namespace, with one request at a time. A namespace that cannot be listed
 * does not stop the others.
 *
 * @throws {AppError} if the top level cannot be listed
 */
export async function listAllTables(
  catalog: Pick<CatalogClient, 'listNamespaces' | 'listTables'>,
  { maxTables, signal }: { maxTables: number; signal: AbortSignal },
): Promise<TableList> {
  const list: TableList = { tables: [], unlisted: [], isTruncated: false, failure: null }
  const pending: Namespace[] = (await catalog.listNamespaces(null, { signal })).toReversed()
  let namespaceCount = pending.length
  let failuresInARow = 0
  const listOrSkip = async <Item>(namespace: Namespace, read: () => Promise<readonly Item[]>) => {
    try {
      const items = await read()
      failuresInARow = 0
      return items
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error
      // It was dropped since its parent was listed. Each of its tables is looked up before it counts as dropped.
      if (error.code === 'not-found') return []
      list.unlisted.push(namespace)
      failuresInARow = error.code === 'catalog-unavailable' ? failuresInARow + 1 : 0
      if (error.code === 'catalog-refused' || failuresInARow >= MAX_FAILURES_IN_A_ROW) list.failure = error
      return []
    }
  }
  const truncate = () => {
    list.isTruncated = true
  }
  for (let namespace = pending.pop(); namespace !== undefined && list.failure === null; namespace = pending.pop()) {
    signal.throwIfAborted()
    const level = namespace
    const room = maxTables - list.tables.length
    if (room <= 0 || namespaceCount > MAX_NAMESPACES) {
      truncate()
      break
    }
    const options = { signal, maxRemoteNames: room, onTruncated: truncate }
    const tables = await listOrSkip(level, () => catalog.listTables(level, options))
    if (tables.length > room) truncate()
    for (const table of tables.slice(0, room)) list.tables.push(table)
    // It would not list the namespaces in this one, either.
    if (failuresInARow > 0) continue
    const children = await listOrSkip(level, () => catalog.listNamespaces(level, { signal }))
    namespaceCount += children.length
    for (const child of children.toReversed()) pending.push(child)
  }
  return list
}
