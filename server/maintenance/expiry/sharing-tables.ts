import 'server-only'
import { createHash } from 'node:crypto'
import pMap from 'p-map'
import { AppError, isDatabaseError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { newNameProblem } from '@/lib/names/new-name'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { rootLength } from '@/server/locations/location-gate'
import type { CheckedTables } from './removal-journal'

/** With more tables, a removal refuses rather than read every table of the catalog. */
const MAX_TABLES = 20_000
const CONCURRENCY = 4
/** The progress of the check is recorded after this many tables. */
const CHECKPOINT_TABLES = 200
/** A check that was interrupted for longer begins again: tables may have got other folders since. */
const MAX_CHECK_AGE_MS = 60 * 60 * 1000
/** Above this, the progress would be too large to record. */
const MAX_NOTED_TABLES = 1_000

/** How a removal follows a check of every table of a catalog, and continues an interrupted one. */
export type TableCheck = {
  signal: AbortSignal
  /** The last sentence of an error: what was not done, or the advice. */
  ending: string
  /** Further advice if a namespace cannot be listed, after `ending`. */
  unlistedRemedy?: string
  /** Whether these tables settle it, so that the check may end before the last table; absent: it finds all. */
  isEnough?: (found: readonly LoadedTable[]) => boolean
  nowMs: () => number
  /** The progress of an earlier attempt, or null. */
  checked: CheckedTables | null
  /** Called after each table with how many of all have been looked at. */
  onTable: (checkedCount: number, total: number) => void
  /** Called once the tables are listed: the number that the check skips, and the total. */
  onListed: (skippedCount: number, total: number) => void
  saveChecked: (checked: CheckedTables) => Promise<void>
}

/**
 * A namespace that could not be listed. Its tables are unknown, so no file may be removed. The code is that of the
 * cause, because runs retry some.
 */
export class UnlistedError extends AppError {
  /** Null: the top level. */
  readonly namespace: Namespace | null

  constructor(message: string, { namespace, cause }: { namespace: Namespace | null; cause: AppError }) {
    super(cause.code, message, { cause, facts: cause.facts })
    this.namespace = namespace
  }
}

/**
 * Every table of a catalog that has a folder in common with these, or within or around one of them. A catalog that is
 * not ours is read whole, because only it knows where its tables are.
 *
 * @throws {AppError} too-large for a catalog with too many tables, {@link UnlistedError}, and what reading any of its
 * tables throws: files must not be removed while another table may use them
 */
export async function loadSharingTables(
  catalog: CatalogClient,
  folders: readonly string[],
  check: TableCheck,
): Promise<LoadedTable[]> {
  const { signal } = check
  if (catalog.purgeSupport) return catalog.purgeSupport.loadTablesWithin(folders, { signal })
  const identifiers = await listAllTables(catalog, check)
  const skipped = isStillValid(check, identifiers) ? check.checked : null
  check.onListed(skipped?.count ?? 0, identifiers.length)
  const found = await loadSharing(catalog, skipped?.sharing ?? [], folders, { signal, onTable: () => {} })
  const startedAtMs = skipped?.startedAtMs ?? check.nowMs()
  let count = skipped?.count ?? 0
  while (count < identifiers.length) {
    const some = identifiers.slice(count, count + CHECKPOINT_TABLES)
    const onTable = (within: number): void => check.onTable(count + within, identifiers.length)
    found.push(...(await loadSharing(catalog, some, folders, { signal, onTable })))
    if (check.isEnough?.(found)) return found
    count += some.length
    if (count < identifiers.length && found.length <= MAX_NOTED_TABLES) {
      const sharing = found.map(({ identifier }) => identifier)
      await check.saveChecked({ count, digest: digestOf(identifiers.slice(0, count)), sharing, startedAtMs })
    }
  }
  return found
}

/** Whether the first tables of the list are still those that an earlier attempt checked, not long ago. */
function isStillValid({ checked, nowMs }: TableCheck, identifiers: readonly TableIdentifier[]): boolean {
  if (checked === null || nowMs() - checked.startedAtMs > MAX_CHECK_AGE_MS) return false
  return checked.count <= identifiers.length && digestOf(identifiers.slice(0, checked.count)) === checked.digest
}

async function loadSharing(
  catalog: CatalogClient,
  identifiers: readonly TableIdentifier[],
  folders: readonly string[],
  { signal, onTable }: { signal: AbortSignal; onTable: (checkedCount: number) => void },
): Promise<LoadedTable[]> {
  let checkedCount = 0
  const found = await pMap(
    identifiers,
    async (identifier) => {
      signal.throwIfAborted()
      // It may have been dropped or renamed since it was listed.
      const table = await nullIfNotFound(() => catalog.loadTable(identifier, { signal }))
      checkedCount += 1
      onTable(checkedCount)
      // The others are not held in memory.
      return table !== null && sharesFolder(tableFolders(table.metadata), folders) ? [table] : []
    },
    { concurrency: CONCURRENCY },
  )
  return found.flat()
}

function digestOf(identifiers: readonly TableIdentifier[]): string {
  return createHash('sha256').update(identifiers.map(nameKey).join('\n')).digest('hex')
}

function nameKey({ namespace, table }: TableIdentifier): string {
  return JSON.stringify([...namespace, table])
}

function sharesFolder(some: readonly string[], others: readonly string[]): boolean {
  return some.some(
    (folder) => rootLength(folder, others) !== null || others.some((other) => rootLength(other, [folder]) !== null),
  )
}

/** In the order of their names, so that a check can resume where another one ended. */
async function listAllTables(
  catalog: CatalogClient,
  check: Pick<TableCheck, 'signal' | 'ending' | 'unlistedRemedy'>,
): Promise<TableIdentifier[]> {
  const { signal, ending } = check
  const tables: TableIdentifier[] = []
  const open: (Namespace | null)[] = [null]
  while (open.length > 0) {
    signal.throwIfAborted()
    const namespace = open.pop() ?? null
    try {
      if (namespace !== null) tables.push(...(await catalog.listTables(namespace, { signal })))
      open.push(...(await listChildren(catalog, namespace, check)))
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof AppError) || error instanceof UnlistedError || isDatabaseError(error)) throw error
      throw unlistedError(catalog, namespace, error, check)
    }
    if (tables.length > MAX_TABLES || open.length > MAX_TABLES) {
      throw new AppError(
        'too-large',
        `${catalog.name} has more than ${formatCount(MAX_TABLES)} tables or namespaces, so it is not known whether another one uses these files. ${ending}`,
        { facts: { maxTables: MAX_TABLES } },
      )
    }
  }
  const keyed = tables.map((table) => ({ table, key: nameKey(table) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ table }) => table)
}

async function listChildren(
  catalog: CatalogClient,
  namespace: Namespace | null,
  { signal, ...texts }: Pick<TableCheck, 'signal' | 'ending' | 'unlistedRemedy'>,
): Promise<Namespace[]> {
  return catalog.listNamespaces(namespace, {
    signal,
    includesUnshown: true,
    onUnaddressable: ([first = []]) => {
      throw unlistedError(
        catalog,
        first,
        new AppError('not-supported', 'No request to the catalog can address it.'),
        texts,
      )
    },
  })
}

function unlistedError(
  { name }: CatalogClient,
  namespace: Namespace | null,
  cause: AppError,
  { ending, unlistedRemedy }: Pick<TableCheck, 'ending' | 'unlistedRemedy'>,
): UnlistedError {
  const what = namespace === null ? `The top level of ${name}` : `The namespace ${plainLabel(namespace)} of ${name}`
  const remedy = unlistedRemedy === undefined ? ending : `${ending} ${unlistedRemedy}`
  return new UnlistedError(
    `${what} cannot be listed, so it is not known whether a table in it uses these files: ${cause.message} ${remedy}`,
    { namespace, cause },
  )
}

/** Quotes a name that a list would not show exactly, such as an empty one. */
function plainLabel(namespace: Namespace): string {
  const isPlain = namespace.every((level) => newNameProblem('namespace', level) === null)
  return isPlain ? namespaceLabel(namespace) : JSON.stringify(namespace)
}
