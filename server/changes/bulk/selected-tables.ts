import 'server-only'
import { createHash } from 'node:crypto'
import pMap from 'p-map'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { EntryKind } from '@/lib/search/entry-kinds'
import { foldText } from '@/lib/search/fold-text'
import { type Actor, requireVisible } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readTableSizes } from '@/server/db/search/indexed-objects'
import { findTablesWithEntry } from '@/server/db/search/tables-with-entry'
import { readIndexedSources } from '@/server/search/indexed-sources'
import type { ChangeServices } from '../pipeline/change-request'

/** The tables that a selection means: their names come from the catalog, and what they have from the search index. */

const MAX_NAMESPACES = 10_000
const MAX_TABLES = 50_000
const CONCURRENCY = 8

export type SelectedTables = {
  /** In the order of their names. */
  tables: readonly TableIdentifier[]
  /** Distinguishes the list from any other. */
  digest: string
  /** The catalog has more than is looked through. */
  isTruncated: boolean
  /** Tables that are not in the list because the index does not know their size; they meet all other conditions. */
  unknownSizeCount: number
}

/**
 * Lists the tables that the actor may read and that meet the conditions.
 *
 * @throws {AppError} not-found for a catalog or a namespace that does not exist or is hidden; not-supported for a
 *   condition that needs the index of a catalog that has none
 */
export async function readSelectedTables(
  services: ChangeServices,
  catalogName: string,
  selection: TableSelection,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<SelectedTables> {
  requireVisible(actor, { catalog: catalogName, namespace: selection.namespace })
  const catalog = await services.catalogs.open(catalogName, actor)
  const { tables, isTruncated } = await listTablesBelow(catalog, selection, signal)
  const words = foldText(selection.search ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const keyOf = ({ namespace, table }: TableIdentifier) => joinNamespace([...namespace, table])
  const conditions = await Promise.all(
    toEntries(selection).map(async (entry) => {
      await requireIndex(services, catalogName, actor)
      return new Set((await findTablesWithEntry(services.database, catalogName, entry)).map(keyOf))
    }),
  )
  const hasSize = await readSizeCondition(services, catalogName, selection, actor)
  const found = tables
    .filter(({ namespace, table }) => {
      const name = foldText(namespaceLabel([...namespace, table]))
      return words.every((word) => name.includes(word))
    })
    .filter((table) => conditions.every((having) => having.has(keyOf(table))))
  const selected = found
    .filter((table) => hasSize(keyOf(table)) === true)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const digest = createHash('sha256')
    .update(JSON.stringify(selected.map(keyOf)))
    .digest('hex')
  const unknownSizeCount = found.filter((table) => hasSize(keyOf(table)) === null).length
  return { tables: selected, digest, isTruncated, unknownSizeCount }
}

type Bounds = { min: number | undefined; max: number | undefined }

/** Whether the table of a key has a size and a number of data files within the bounds; null: not known. */
async function readSizeCondition(
  services: ChangeServices,
  catalog: string,
  { minBytes, maxBytes, minFiles, maxFiles }: TableSelection,
  actor: Actor,
): Promise<(key: string) => boolean | null> {
  const bounds = { liveBytes: { min: minBytes, max: maxBytes }, dataFileCount: { min: minFiles, max: maxFiles } }
  const isBounded = ({ min, max }: Bounds) => min !== undefined || max !== undefined
  if (!Object.values(bounds).some(isBounded)) return () => true
  await requireIndex(services, catalog, actor)
  const rows = await readTableSizes(services.database, catalog)
  const sizes = new Map(rows.map(({ namespace, table, size }) => [joinNamespace([...namespace, table]), size]))
  return (key) => {
    const size = sizes.get(key)
    const results = (['liveBytes', 'dataFileCount'] as const).map((name) =>
      isWithin(size?.[name] ?? null, bounds[name]),
    )
    // A table that is too small is not asked how many files it has.
    if (results.includes(false)) return false
    return results.includes(null) ? null : true
  }
}

/** Null when the value would decide, and is not known. */
function isWithin(value: number | null, { min, max }: Bounds): boolean | null {
  if (min === undefined && max === undefined) return true
  if (value === null) return null
  return value >= (min ?? 0) && value <= (max ?? Number.POSITIVE_INFINITY)
}

async function listTablesBelow(
  catalog: CatalogClient,
  { namespace, depth = 'nested' }: TableSelection,
  signal: AbortSignal,
): Promise<{ tables: TableIdentifier[]; isTruncated: boolean }> {
  const tables: TableIdentifier[] = []
  let namespaceCount = 0
  let isTruncated = false
  let level: readonly Namespace[] = namespace ? [namespace] : await catalog.listNamespaces(null, { signal })
  while (level.length > 0) {
    const children = await pMap(
      level,
      async (one) => {
        if (namespaceCount >= MAX_NAMESPACES || tables.length >= MAX_TABLES) {
          isTruncated = true
          return []
        }
        namespaceCount += 1
        tables.push(...(await catalog.listTables(one, { signal })))
        return namespace && depth === 'direct' ? [] : catalog.listNamespaces(one, { signal })
      },
      { concurrency: CONCURRENCY, signal },
    )
    level = children.flat()
  }
  return { tables, isTruncated }
}

/** The entries of the search index that the conditions name. */
function toEntries({ owner, tag, property }: TableSelection): { kind: EntryKind; name: string; detail?: string }[] {
  const [key = '', ...value] = (property ?? '').split('=')
  return [
    ...(owner ? [{ kind: 'owner' as const, name: owner }] : []),
    ...(tag ? [{ kind: 'tag' as const, name: tag }] : []),
    ...(key === ''
      ? []
      : [{ kind: 'property' as const, name: key.trim(), ...(value.length > 0 && { detail: value.join('=').trim() }) }]),
  ]
}

async function requireIndex(services: ChangeServices, catalog: string, actor: Actor): Promise<void> {
  const { searched, indexed } = await readIndexedSources(services, actor)
  if (searched.some((source) => source.catalog === catalog) && indexed.has(catalog)) return
  throw new AppError(
    'not-supported',
    `Search has no complete index of ${catalog}, so its tables cannot be chosen by owner, tag, property or size. Choose them by name.`,
  )
}
