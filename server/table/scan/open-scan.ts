import 'server-only'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Schema } from '@/lib/iceberg/schema/types'
import { planScan, type ScanPlan } from '@/lib/scan/plan/scan-plan'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { type PrunedPlan, prunePlan } from '@/lib/scan/prune/prune-plan'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { readPlanToken } from '@/server/auth/tokens/plan-token'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { cacheScope, createManifestSource } from '../files/live-files'
import { bindWhere } from './scan-filter'

export type OpenScan = {
  table: LoadedTable
  plan: ScanPlan
  /** The schema that the rows are read with. */
  schema: Schema
  /** The plan's filter; null without one. */
  predicate: BoundPredicate | null
  /** The files that might have rows that pass the plan's filter; null without a filter. */
  pruned: PrunedPlan | null
}

/**
 * Opens the scan that a token names, for the user it was issued to, who must still be allowed to read the table. Any
 * process can do so: the plan follows from the snapshot.
 *
 * @throws {AppError} forbidden, token-expired; not-found when the table was dropped or replaced, or its snapshot
 *   expired; as `planScan` does
 */
export async function openScan(
  services: Pick<TableServices, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'scanTables'>,
  token: string,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<OpenScan> {
  const { identifier, tableUuid, snapshotId, schemaId, userId, where } = readPlanToken(services, token)
  if (userId !== actor.userId)
    throw new AppError('forbidden', 'This link to the files of a table was created for another user.')
  requirePermission(actor, 'table:read', identifier)
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await services.scanTables.load(catalog, identifier, { token, signal })
  const { metadata, store } = table
  if (metadata.tableUuid !== tableUuid) throw replacedError(identifier)
  const snapshot = snapshotId === null ? null : resolveAsOf(metadata, { snapshotId }).snapshot
  const schema = metadata.schemas.find((one) => one.schemaId === schemaId)
  if (!schema) throw replacedError(identifier)
  const plan = await planScan(
    { metadata, snapshot },
    createManifestSource(services.manifestCache, table, { store, signal }),
    services.manifestCache.plansFor(cacheScope(table)),
  )
  const { takeTurns } = services.manifestCache
  const predicate = where === null ? null : bindWhere(where, { metadata, schema })
  return { table, plan, schema, predicate, pruned: predicate && prunePlan(plan, predicate, { metadata, takeTurns }) }
}

function replacedError({ namespace, table }: TableIdentifier): AppError {
  return new AppError(
    'not-found',
    `${namespaceLabel(namespace)}.${table} is another table than the one whose rows were opened. Reload the page to see its rows.`,
  )
}
