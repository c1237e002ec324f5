import 'server-only'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { AsOf } from '@/lib/iceberg/as-of'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { defaultToJson } from '@/lib/iceberg/schema/default-value'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import { readPlanToken, signPlanToken } from '@/server/auth/tokens/plan-token'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import type { ObjectStore } from '@/server/storage/object-store'
import { cacheScope, createManifestSource } from '../files/live-files'
import { resolveRequestedState } from '../requested-state'
import { toWireSchema } from '../wire-schema'
import { buildFilePage, buildPrunedPage } from './planned-files'
import { bindWhere, whereText } from './scan-filter'

/** Enough files for the first rows in most tables, in little time. */
const FIRST_PAGE = { fromFile: 0, limit: 100, timeBudgetMs: 500 }

type PlanOptions = {
  store: ObjectStore
  userId: string
  nowMs: number
  /** A filter as the client sends it. */
  where?: string | undefined
  signal?: AbortSignal
}

/**
 * A plan of a table's rows at a point in time, with a token that lets one person list and read its files.
 *
 * @throws {AppError} invalid-request for a filter that does not fit the table; not-found for the requested ref, snapshot or time; not-supported when rows could be displayed
 *   wrongly; too-large for too many delete files; file-missing, file-damaged, too-large naming a manifest
 */
export async function buildScanPlan(
  services: Pick<TableServices, 'database' | 'keys' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { store, userId, nowMs, where, signal }: PlanOptions,
): Promise<SignedScanPlan> {
  const { metadata, identifier } = table
  const { snapshot, schema } = resolveRequestedState(metadata, asOf, nowMs)
  const predicate = where === undefined ? null : bindWhere(where, { metadata, schema })
  const snapshotId = snapshot?.snapshotId ?? null
  const { tableUuid } = metadata
  const token = signPlanToken(
    services,
    {
      identifier,
      tableUuid,
      snapshotId,
      schemaId: schema.schemaId,
      userId,
      where: predicate && whereText(predicate),
    },
    nowMs,
  )
  const plan = await planScan(
    { metadata, snapshot },
    createManifestSource(services.manifestCache, table, { store, ...(signal && { signal }) }),
    services.manifestCache.plansFor(cacheScope(table)),
  )
  const { rowCount, fileCount, deleteFileCount } = plan
  const { takeTurns } = services.manifestCache
  const { files, deleteFiles, nextFile, skipped } = predicate
    ? await buildPrunedPage(metadata, plan, prunePlan(plan, predicate, { metadata, takeTurns }), FIRST_PAGE)
    : await buildFilePage(metadata, plan, { fromFile: 0 }, FIRST_PAGE.limit)
  const deletes = fileCount === 0 ? null : await plan.readDeletes()
  return {
    token,
    expiresAtMs: readPlanToken(services, token, nowMs).expiresAtMs,
    snapshotId,
    committedAtMs: snapshot?.timestampMs ?? null,
    schema: toWireSchema(schema),
    defaults: listDefaults(metadata, schema),
    rowCount,
    fileCount,
    deleteFileCount,
    deleteBytes: (deletes?.entries ?? []).reduce((sum, { dataFile }) => sum + storedBytes(dataFile), 0),
    totalBytes:
      files.length === fileCount ? files.reduce((sum, file) => sum + file.fileSizeBytes, 0) : summaryBytes(snapshot),
    nameMapping: readNameMapping(metadata.properties),
    files,
    deleteFiles,
    ...(skipped && { filtered: { nextFile, skipped } }),
  }
}

/** A deletion vector is a part of its file. */
function storedBytes({ contentSizeBytes, fileSizeBytes }: DataFile): number {
  return contentSizeBytes ?? fileSizeBytes
}

/** Size of all files by the snapshot's summary, or null. */
function summaryBytes(snapshot: Snapshot | null): number | null {
  const text = snapshot?.summary['total-files-size'] ?? ''
  const bytes = /^\d{1,16}$/.test(text) ? Number(text) : null
  return bytes !== null && Number.isSafeInteger(bytes) ? bytes : null
}

/**
 * Initial defaults of the columns of every schema, at any depth: the rows may be shown with the newest one, and a column's
 * initial default never changes.
 */
function listDefaults(metadata: TableMetadata, schema: Schema): SignedScanPlan['defaults'] {
  // Equality deletes compare columns of any schema, dropped ones too.
  const others = metadata.schemas.toSorted((a, b) => a.schemaId - b.schemaId).map((each) => [...indexFields(each)])
  const fields = new Map([...others.flat(), ...indexFields(schema)])
  return [...fields.values()].flatMap(({ field: { id, type, initialDefault } }) =>
    initialDefault === undefined || initialDefault === null
      ? []
      : [{ fieldId: id, value: stringifyExactJson(defaultToJson(type, initialDefault)) }],
  )
}
