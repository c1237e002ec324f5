import 'server-only'
import { MAX_SCAN_FILES, type PlannedFile, type SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import { toBase64 } from '@/lib/iceberg/schema/byte-text'
import { readNameMapping } from '@/lib/iceberg/schema/name-mapping'
import { partitionLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { planScan, type ScanTask } from '@/lib/scan/plan'
import { readFileToken, signFileToken } from '@/server/auth/tokens/file-token'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import type { ObjectStore } from '@/server/storage/object-store'
import { createManifestSource } from './live-files'
import { toWireSchema } from './wire-schema'
import { resolveRequestedState } from './requested-state'

/** Tokens are valid for at least this long. */
const MIN_TOKEN_LIFE_MS = 3_600_000

/**
 * The files of a table at a point in time, in row order, each with a token that lets one person read it.
 *
 * @throws {AppError} not-found for the requested ref, snapshot or time; not-supported when rows could be displayed
 *   wrongly; too-large beyond {@link MAX_SCAN_FILES} files; file-missing, file-damaged naming a manifest
 */
export async function buildScanPlan(
  services: Pick<Services, 'database' | 'keys' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { store, userId, nowMs, signal }: { store: ObjectStore; userId: string; nowMs: number; signal?: AbortSignal },
): Promise<SignedScanPlan> {
  const { metadata, identifier } = table
  const { snapshot, schema } = resolveRequestedState(metadata, asOf, nowMs)
  requireNoDefaults(schema)
  const { tasks, rowCount, fileBytes } = await planScan(
    { metadata, snapshot },
    createManifestSource(services.manifestCache, table, { store, ...(signal && { signal }) }),
  )
  if (tasks.length > MAX_SCAN_FILES) {
    throw new AppError(
      'too-large',
      `This snapshot has ${tasks.length} data files; the grid can read at most ${MAX_SCAN_FILES}.`,
      { facts: { dataFiles: tasks.length, limit: MAX_SCAN_FILES } },
    )
  }
  const types = newestFieldTypes(metadata)
  const toPartitionLabel = createPartitionLabeler(metadata)
  const files = tasks.map(
    (task): PlannedFile => ({
      token: signFileToken(
        services,
        {
          identifier,
          tableUuid: metadata.tableUuid,
          location: task.filePath,
          userId,
        },
        nowMs,
      ),
      path: task.filePath,
      fileSizeBytes: task.fileSizeBytes,
      recordCount: task.recordCount,
      firstRowIndex: task.firstRowIndex,
      sequenceNumber: task.sequenceNumber,
      specId: task.specId,
      partition: toPartitionLabel(task),
      constants: [...task.constants].flatMap(([fieldId, value]) => {
        const type = types.get(fieldId)
        return type === undefined ? [] : [{ fieldId, type, value: encodeConstant(type, value) }]
      }),
    }),
  )
  const [first] = files
  return {
    snapshotId: snapshot?.snapshotId ?? null,
    committedAtMs: snapshot?.timestampMs ?? null,
    schema: toWireSchema(schema),
    rowCount,
    fileCount: files.length,
    totalBytes: fileBytes,
    expiresAtMs: first ? readFileToken(services, first.token, nowMs).expiresAtMs : nowMs + MIN_TOKEN_LIFE_MS,
    nameMapping: readNameMapping(metadata.properties),
    nullShares: nullShares(schema, tasks),
    files,
  }
}

/** A default of format v3 replaces values that a file does not contain. The row readers here do not support it yet. */
function requireNoDefaults(schema: Schema): void {
  for (const { field, path } of indexFields(schema).values()) {
    if (field.initialDefault === undefined || field.initialDefault === null) continue
    throw new AppError(
      'not-supported',
      `The column ${path.join('.')} has a default value for older rows, which Lakeshore cannot apply yet. Rows are not shown, because some would lack that value.`,
      { facts: { column: path.join('.'), fieldId: field.id } },
    )
  }
}

/** Partition values have the types of the newest schema that contains their column. */
function newestFieldTypes({ schemas }: TableMetadata): Map<number, PrimitiveType> {
  const types = new Map<number, PrimitiveType>()
  for (const schema of schemas.toSorted((a, b) => a.schemaId - b.schemaId)) {
    for (const [fieldId, { field }] of indexFields(schema)) {
      if (typeof field.type === 'string') types.set(fieldId, field.type)
    }
  }
  return types
}

function encodeConstant(type: PrimitiveType, value: Value | null): string | null {
  return value === null ? null : toBase64(encodeSingleValue(type, value))
}

/** Labels by spec; files of one partition share a label. */
function createPartitionLabeler({ partitionSpecs, schemas }: TableMetadata): (task: ScanTask) => string {
  const bySpec = new Map(partitionSpecs.map((spec) => [spec.specId, { spec, schema: schemaForSpec(spec, schemas) }]))
  return ({ specId, partition }) => {
    const labeledSpec = bySpec.get(specId)
    return labeledSpec?.schema ? partitionLabel(labeledSpec.spec, labeledSpec.schema, partition) : ''
  }
}

/**
 * Only for columns that every file counted: files written before a column was added have no counts for it. A file's
 * counts are decoded on each access, so they are read once here and not stored.
 */
export function nullShares(
  schema: Schema,
  tasks: readonly Pick<ScanTask, 'metrics' | 'recordCount'>[],
): SignedScanPlan['nullShares'] {
  const nulls = new Map<number, number>(
    schema.fields.flatMap(({ id, type }) => (typeof type === 'string' ? [[id, 0] as const] : [])),
  )
  let rows = 0
  for (const { metrics, recordCount } of tasks) {
    const counts = metrics.nullValueCounts
    rows += recordCount
    for (const [id, sum] of nulls) {
      const nullCount = counts.get(id)
      if (nullCount === undefined) nulls.delete(id)
      else nulls.set(id, sum + nullCount)
    }
  }
  return rows === 0 ? [] : [...nulls].map(([fieldId, count]) => ({ fieldId, share: Math.min(1, count / rows) }))
}
