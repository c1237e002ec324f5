import 'server-only'
import { ulid } from 'ulid'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import { bulkChangesProblem } from '@/lib/changes/intents/bulk-intents'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import { MAX_BULK_TABLES } from '@/lib/contract/shapes/bulk-limits'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { joinNamespace, type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { requireHolder } from '@/server/access/grants'
import { type Actor, requireVisible } from '@/server/auth/actor'
import { requireAbility } from '@/server/catalog/require-ability'
import { MAX_GRANTS_PER_HOLDER } from '@/server/db/auth/grants'
import { addBulkChangeChanges } from '@/server/db/jobs/bulk-changes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findStoredResponse, responseChanges } from '@/server/db/idempotency'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { writeKey } from '../pipeline/write-key'
import { mayCarryOut } from './bulk-permissions'
import { queueStep } from './queue-bulk-run'
import { readSelectedTables } from './selected-tables'

type Named = { namespace: Namespace; table: string }
type NewBulkChange = {
  catalog: string
  selection: TableSelection
  digest: string
  only?: readonly Named[] | undefined
  except?: readonly Named[] | undefined
  changes: readonly BulkChange[]
}

/**
 * Stores the tables that the selection gives, and queues the preview of their changes.
 *
 * @returns the id of the change
 * @throws {AppError} version-conflict when the selection gives another list than the caller saw; too-large; invalid-request
 */
export async function startBulkChange(
  services: ChangeServices,
  { catalog, selection, digest, only, except, changes: requested }: NewBulkChange,
  request: ChangeRequest,
): Promise<string> {
  const { database } = services
  const { actor } = request
  requireVisible(actor, { catalog })
  const content = ['bulk-change', catalog, selection, digest, only ?? null, except ?? null, requested]
  const key = writeKey(actor, request.idempotencyKey, content)
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return earlier
  const problem = bulkChangesProblem(requested)
  if (problem !== null) throw new AppError('invalid-request', problem)
  await requirePossible(services, catalog, requested, request)
  const selected = await readSelectedTables(services, catalog, selection, request)
  if (selected.digest !== digest)
    throw new AppError(
      'version-conflict',
      'The tables of this selection are other ones than the page listed. Nothing was started. Look at the list again.',
    )
  const tables = pickTables(selected.tables, only, except)
  if (tables.length === 0) throw new AppError('invalid-request', 'No table is chosen.')
  if (tables.length > MAX_BULK_TABLES)
    throw new AppError(
      'too-large',
      `${formatQuantity(tables.length, 'table')} are chosen, and at most ${formatCount(MAX_BULK_TABLES)} are changed at once. Nothing was started.`,
    )
  const changes = await resolveHolders(database, requested, { catalog, tables, actor })
  const bulkChangeId = ulid(database.nowMs())
  const startedBy = { userId: actor.userId, username: actor.username }
  const change = { bulkChangeId, catalog, selection, changes, startedBy }
  const queued = queueStep(database, { ...change, tableCount: tables.length }, { step: 'preview' }, request)
  try {
    await database.commit([
      ...addBulkChangeChanges(change, tables),
      ...queued.changes,
      ...(key ? responseChanges(key, bulkChangeId) : []),
    ])
  } catch (error) {
    const concurrent = error instanceof UnexpectedChanges && key ? await findStoredResponse(database, key) : null
    if (concurrent === null) throw error
    return concurrent
  }
  return bulkChangeId
}

/**
 * Says at once what would fail for every table.
 *
 * @throws {AppError} not-supported; not-found for the namespace that tables are to be moved to
 */
async function requirePossible(
  { catalogs }: ChangeServices,
  catalogName: string,
  [change]: readonly BulkChange[],
  { actor, signal }: ChangeRequest,
): Promise<void> {
  if (change?.kind !== 'drop' && change?.kind !== 'move') return
  const catalog = await catalogs.open(catalogName, actor)
  if (change.kind === 'move') {
    requireVisible(actor, { catalog: catalogName, namespace: change.toNamespace })
    await requireAbility(catalog, 'rename-table', signal)
    await catalog.loadNamespace(change.toNamespace, { signal })
    return
  }
  if (catalog.purgeSupport === undefined)
    throw new AppError(
      'not-supported',
      `${catalogName} could not restore dropped tables, so they are dropped one by one. Nothing was started.`,
    )
}

/**
 * Grants with the holder's name as it is. Only a user who may manage the access to some of the tables learns whether the
 * holder exists.
 *
 * @throws {AppError} forbidden; not-found for the holder; too-large
 */
async function resolveHolders(
  database: Database,
  changes: readonly BulkChange[],
  { catalog, tables, actor }: { catalog: string; tables: readonly Named[]; actor: Actor },
): Promise<BulkChange[]> {
  return Promise.all(
    changes.map(async (change) => {
      if (change.kind !== 'grant') return change
      if (!tables.some(({ namespace, table }) => mayCarryOut(actor, { changes }, { catalog, namespace, table })))
        throw new AppError('forbidden', 'You may not manage the access to any of these tables. Nothing was started.')
      if (change.role !== null && tables.length > MAX_GRANTS_PER_HOLDER)
        throw new AppError(
          'too-large',
          `${formatQuantity(tables.length, 'table')} are chosen, and a holder has at most ${formatCount(MAX_GRANTS_PER_HOLDER)} grants. Grant the role on the namespace instead. Nothing was started.`,
        )
      return { ...change, holder: await requireHolder(database, change.holder) }
    }),
  )
}

/** @throws {AppError} invalid-request for a table that is not in the list */
function pickTables(
  listed: readonly Named[],
  only: readonly Named[] | undefined,
  except: readonly Named[] = [],
): readonly Named[] {
  const keyOf = ({ namespace, table }: Named) => joinNamespace([...namespace, table])
  const known = new Set(listed.map(keyOf))
  const unknown = [...(only ?? []), ...except].find((one) => !known.has(keyOf(one)))
  if (unknown)
    throw new AppError(
      'invalid-request',
      `${namespaceLabel([...unknown.namespace, unknown.table])} is not in the list that the selection gives.`,
    )
  const left = new Set(only ? only.map(keyOf) : known)
  for (const one of except) left.delete(keyOf(one))
  return listed.filter((one) => left.has(keyOf(one)))
}
