import { AppError } from '@/lib/errors'
import { withoutTrailingSlash } from '../metadata/metadata-json'
import { FIRST_PARTITION_FIELD_ID, hasMultipleSources } from '../partitioning/partition-spec-json'
import { propertyValue } from '../properties/property-value'
import { requireReadableMetadata } from '../metadata/readable-metadata'
import { parseFormatVersion } from './property-updates'
import { assignFreshIds } from '../schema/schema'
import type { TableMetadata } from '../metadata/table-metadata'
import { FORMAT_VERSION_PROPERTY, isReservedProperty } from '../properties/table-properties'
import {
  requireFormatSupportsSchema,
  requireValidIdentifierFields,
  requireValidSortOrder,
  requireValidSpec,
} from '../metadata/table-rules'
import type { Schema } from '../schema/types'
import type { PartitionField, PartitionSpec } from '../partitioning/partition-spec'
import type { SortField, SortOrder } from '../partitioning/sort-order'

const DEFAULT_FORMAT_VERSION = '2'

type NewTableMetadata = {
  schema: Schema
  /** Its `sourceId`s are ids in the given `schema`; its own field ids are reassigned. */
  partitionSpec?: PartitionSpec | undefined
  sortOrder?: SortOrder | undefined
  location: string
  properties?: Readonly<Record<string, string>> | undefined
  tableUuid: string
  nowMs: number
}

/**
 * The first metadata of a table, without a snapshot, in format v2 or the version in the property `format-version`.
 * Column ids are reassigned from 1 and partition field ids from 1000. The spec has id 0, a sort order id 1 (0 is
 * "unsorted").
 *
 * @throws {AppError} invalid-request when the schema, spec or order are invalid or do not fit together
 */
export function newTableMetadata(table: NewTableMetadata): TableMetadata {
  const formatVersion = newFormatVersion(table.properties ?? {})
  const { schema, lastColumnId, freshIdByOldId } = assignFreshIds(table.schema)
  const renumberSource = <F extends PartitionField | SortField>(field: F): F => {
    if (hasMultipleSources(field)) {
      throw new AppError(
        'invalid-request',
        `The transform ${field.transform} has several source columns, which no supported transform takes`,
        {
          facts: { transform: field.transform },
        },
      )
    }
    const sourceId = freshIdByOldId.get(field.sourceId)
    if (sourceId !== undefined) return { ...field, sourceId }
    throw new AppError('invalid-request', `No column has the id ${field.sourceId}`, {
      facts: { fieldId: field.sourceId },
    })
  }
  const partitionFields = (table.partitionSpec?.fields ?? []).map((field, index) => ({
    ...renumberSource(field),
    fieldId: FIRST_PARTITION_FIELD_ID + index,
  }))
  const sortFields = (table.sortOrder?.fields ?? []).map(renumberSource)
  const spec = { specId: 0, fields: partitionFields }
  const order = { orderId: sortFields.length === 0 ? 0 : 1, fields: sortFields }
  requireFormatSupportsSchema(schema, formatVersion)
  requireValidIdentifierFields(schema)
  requireValidSpec(spec, schema)
  requireValidSortOrder(order, schema)

  const metadata: TableMetadata = {
    formatVersion,
    tableUuid: table.tableUuid,
    location: withoutTrailingSlash(table.location),
    lastSequenceNumber: 0,
    lastUpdatedMs: table.nowMs,
    lastColumnId,
    schemas: [schema],
    currentSchemaId: schema.schemaId,
    partitionSpecs: [spec],
    defaultSpecId: spec.specId,
    lastPartitionId: FIRST_PARTITION_FIELD_ID - 1 + partitionFields.length,
    sortOrders: [order],
    defaultSortOrderId: order.orderId,
    properties: newTableProperties(table.properties ?? {}),
    currentSnapshotId: null,
    snapshots: [],
    snapshotLog: [],
    metadataLog: [],
    refs: {},
    nextRowId: formatVersion > 2 ? '0' : null,
    encryptionKeys: [],
    statistics: [],
    partitionStatistics: [],
  }
  requireReadableMetadata(metadata, null)
  return metadata
}

/** Names of metadata fields, such as `format-version`, are not stored as properties. */
function newTableProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  const remaining = Object.entries(properties).filter(([key]) => !isReservedProperty(key))
  // The codec is set explicitly, as Java does, because engines differ in their default.
  return { 'write.parquet.compression-codec': 'zstd', ...Object.fromEntries(remaining) }
}

function newFormatVersion(properties: Readonly<Record<string, string>>): TableMetadata['formatVersion'] {
  return parseFormatVersion(propertyValue(properties, FORMAT_VERSION_PROPERTY) ?? DEFAULT_FORMAT_VERSION)
}
