import { metadataFromUpdates } from '../../iceberg/commit/metadata-from-updates'
import type { TableUpdate } from '../../iceberg/commit/table-update'
import { schemaForSpec } from '../../iceberg/manifest/partition-tuple'
import { defaultSortOrder, defaultSpec } from '../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { PartitionSpec } from '../../iceberg/partitioning/partition-spec'
import type { SortOrder } from '../../iceberg/partitioning/sort-order'
import { indexFields } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'
import { LAST_ADDED } from '@/lib/iceberg/metadata/last-added'

export type CloneLayout = {
  /** The schema of the state that is cloned. */
  schema: Schema
  /** The specs of the files of the state. */
  usedSpecIds: ReadonlySet<number>
  /** Whether new files are partitioned, and sorted, as in the source. */
  keepsPartitioning: boolean
  keepsSortOrder: boolean
}

const UNPARTITIONED: PartitionSpec = { specId: 0, fields: [] }
const UNSORTED: SortOrder = { orderId: 0, fields: [] }

export type ClonedLayout = {
  /** The updates that create the table, without a snapshot. */
  updates: readonly TableUpdate[]
  /** The table as they create it. */
  metadata: TableMetadata
  /** From ids of the source to ids of the clone. */
  specIds: ReadonlyMap<number, number>
  sortOrderIds: ReadonlyMap<number, number>
}

/**
 * The updates that create a table with the columns of another one under the same field ids, which the files contain. All
 * schemas of the source go along, so that ids of dropped columns, which are in the files too, are not used again.
 *
 * A catalog numbers schemas and specs in the order in which they are added, and checks a spec against the schema that is
 * current then, so each spec follows the newest schema with its columns.
 *
 * @throws {AppError} invalid-request for a layout that no table can have
 */
export function cloneLayout(
  source: TableMetadata,
  { schema, usedSpecIds, keepsPartitioning, keepsSortOrder }: CloneLayout,
  clone: { location: string; tableUuid: string; properties: Readonly<Record<string, string>>; nowMs: number },
): ClonedLayout {
  const newSpec = keepsPartitioning && isBound(defaultSpec(source), schema) ? defaultSpec(source) : UNPARTITIONED
  const newOrder = keepsSortOrder && isBound(defaultSortOrder(source), schema) ? defaultSortOrder(source) : UNSORTED
  const usedSpecs = source.partitionSpecs
    .filter(({ specId }) => usedSpecIds.has(specId))
    .toSorted((a, b) => a.specId - b.specId)
  const schemas = source.schemas.toSorted((a, b) => a.schemaId - b.schemaId)
  const updates: TableUpdate[] = [
    { action: 'assign-uuid', uuid: clone.tableUuid },
    { action: 'upgrade-format-version', formatVersion: source.formatVersion },
    ...schemas.flatMap((one): TableUpdate[] => [
      { action: 'add-schema', schema: one },
      { action: 'set-current-schema', schemaId: LAST_ADDED },
      ...usedSpecs
        .filter((spec) => schemaForSpec(spec, schemas) === one)
        .map((spec): TableUpdate => ({ action: 'add-spec', spec })),
    ]),
    { action: 'add-schema', schema },
    { action: 'set-current-schema', schemaId: LAST_ADDED },
    { action: 'add-spec', spec: newSpec },
    { action: 'set-default-spec', specId: LAST_ADDED },
    { action: 'add-sort-order', sortOrder: newOrder },
    { action: 'set-default-sort-order', sortOrderId: LAST_ADDED },
    { action: 'set-location', location: clone.location },
    { action: 'set-properties', updates: clone.properties },
  ]
  const metadata = metadataFromUpdates(updates, { nowMs: clone.nowMs })
  return {
    updates,
    metadata,
    specIds: new Map(usedSpecs.map((spec) => [spec.specId, findSpecId(metadata, spec)])),
    sortOrderIds: new Map(newOrder === UNSORTED ? [] : [[newOrder.orderId, metadata.defaultSortOrderId]]),
  }
}

function isBound({ fields }: { fields: readonly { sourceId: number }[] }, schema: Schema): boolean {
  const columns = indexFields(schema)
  return fields.every(({ sourceId }) => columns.has(sourceId))
}

function findSpecId({ partitionSpecs }: TableMetadata, { specId, fields }: PartitionSpec): number {
  const found = partitionSpecs.find(
    (one) =>
      one.fields.length === fields.length &&
      one.fields.every((field, i) => {
        const other = fields[i]
        return field.sourceId === other?.sourceId && field.transform === other.transform && field.name === other.name
      }),
  )
  if (!found) throw new Error(`the clone has no partition spec like ${specId}`)
  return found.specId
}
