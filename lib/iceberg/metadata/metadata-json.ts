import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { JsonFields } from '../json/json-fields'
import { murmur3 } from '../partitioning/murmur3'
import {
  FIRST_PARTITION_FIELD_ID,
  readPartitionFields,
  partitionFieldsToJson,
  partitionSpecFromJson,
  partitionSpecToJson,
  sortOrderFromJson,
  sortOrderToJson,
} from '../partitioning/partition-spec-json'
import { lenientSchemaFromJson, schemaToJson } from '../schema/schema-json'
import { MAIN_BRANCH } from './main-branch'
import { toReadableVersion } from './supported-format'
import { refFromJson, refToJson, snapshotFromJson, snapshotToJson } from './snapshot-json'
import type { Snapshot, SnapshotRef, TableMetadata } from './table-metadata'
import type { Schema } from '../schema/types'
import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import type { Json, JsonObject } from '../json/json'

/**
 * Reads and writes a table's metadata file. Only this module knows the names in the file.
 *
 * Spec: Iceberg table spec, *Table Metadata Fields* and appendix C, *Table Metadata and Snapshots*.
 */

export { MAIN_BRANCH }

/** The id that older v1 files and Java write for "no snapshot". */
export const NO_SNAPSHOT = '-1'

/**
 * Reads v1 to v3, and the file of v4, whose locations may be relative to the table's (`resolveLocation`). Fields that v1
 * leaves out get the specification's defaults, so that callers see no difference: `schema` and `partition-spec` replace
 * their lists, sequence numbers are 0, and `main` is derived from the current snapshot.
 *
 * @throws {AppError} file-damaged naming the field; not-supported for a later format or an unknown type; too-large
 */
export function readTableMetadata(text: string): TableMetadata {
  return tableMetadataFromJson(parseExactJson(text))
}

type ReadOptions = {
  /** Where the metadata file is, for a table of v4 whose file leaves out the table's location. */
  metadataLocation?: string | null
}

/** Like {@link readTableMetadata}, for a parsed document, such as a catalog's response. */
export function tableMetadataFromJson(json: Json, { metadataLocation = null }: ReadOptions = {}): TableMetadata {
  const file = new JsonFields(json, '')
  const formatVersion = toReadableVersion(file.int('format-version'))
  const location = withoutTrailingSlash(readLocation(file, formatVersion, metadataLocation))
  const schemas = readSchemas(file, formatVersion)
  const specs = readSpecs(file, formatVersion)
  const orders = readSortOrders(file, formatVersion)
  const snapshots = readSnapshots(file)
  const currentSnapshotId = readCurrentSnapshotId(file)
  const refs = readRefs(file, currentSnapshotId, snapshots)

  return {
    formatVersion,
    tableUuid: formatVersion > 1 || file.has('table-uuid') ? file.text('table-uuid') : uuidFromLocation(location),
    location,
    lastSequenceNumber: formatVersion > 1 ? file.count('last-sequence-number') : 0,
    lastUpdatedMs: file.count('last-updated-ms'),
    lastColumnId: file.int('last-column-id'),
    ...schemas,
    ...specs,
    ...orders,
    properties: file.textMap('properties'),
    currentSnapshotId,
    snapshots,
    snapshotLog: file.items('snapshot-log').map(({ json, path }) => {
      const entry = new JsonFields(json, path)
      return { timestampMs: entry.count('timestamp-ms'), snapshotId: entry.long('snapshot-id'), ...entry.rest() }
    }),
    metadataLog: file.items('metadata-log').map(({ json, path }) => {
      const entry = new JsonFields(json, path)
      return { timestampMs: entry.count('timestamp-ms'), metadataFile: entry.text('metadata-file'), ...entry.rest() }
    }),
    refs,
    nextRowId: formatVersion > 2 ? file.long('next-row-id') : null,
    encryptionKeys: readObjects(file, 'encryption-keys'),
    statistics: readObjects(file, 'statistics'),
    partitionStatistics: readObjects(file, 'partition-statistics'),
    ...file.rest(),
  }
}

/** The metadata file's text, in the table's own format version. */
export function writeTableMetadata(metadata: TableMetadata): string {
  return stringifyExactJson(tableMetadataToJson(metadata))
}

/** The metadata as a JSON object, for a catalog's response. */
export function tableMetadataToJson(metadata: TableMetadata): JsonObject {
  const { formatVersion, refs } = metadata
  return {
    ...metadata.unknownFields,
    'format-version': formatVersion,
    'table-uuid': metadata.tableUuid,
    location: metadata.location,
    ...(formatVersion > 1 && { 'last-sequence-number': metadata.lastSequenceNumber }),
    'last-updated-ms': metadata.lastUpdatedMs,
    'last-column-id': metadata.lastColumnId,
    ...(formatVersion === 1 && v1Fields(metadata)),
    'current-schema-id': metadata.currentSchemaId,
    schemas: metadata.schemas.map(schemaToJson),
    'default-spec-id': metadata.defaultSpecId,
    'partition-specs': metadata.partitionSpecs.map(partitionSpecToJson),
    'last-partition-id': metadata.lastPartitionId,
    'default-sort-order-id': metadata.defaultSortOrderId,
    'sort-orders': metadata.sortOrders.map(sortOrderToJson),
    properties: metadata.properties,
    // Readers of v1 and v2 expect a number even if there is no snapshot.
    ...((metadata.currentSnapshotId !== null || formatVersion < 3) && {
      'current-snapshot-id': BigInt(metadata.currentSnapshotId ?? NO_SNAPSHOT),
    }),
    ...(metadata.nextRowId !== null && { 'next-row-id': BigInt(metadata.nextRowId) }),
    ...(metadata.encryptionKeys.length > 0 && { 'encryption-keys': metadata.encryptionKeys }),
    refs: Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, refToJson(ref)])),
    snapshots: metadata.snapshots.map((snapshot) => snapshotToJson(snapshot, formatVersion)),
    statistics: metadata.statistics,
    'partition-statistics': metadata.partitionStatistics,
    'snapshot-log': metadata.snapshotLog.map(({ timestampMs, snapshotId, unknownFields }) => ({
      ...unknownFields,
      'timestamp-ms': timestampMs,
      'snapshot-id': BigInt(snapshotId),
    })),
    'metadata-log': metadata.metadataLog.map(({ timestampMs, metadataFile, unknownFields }) => ({
      ...unknownFields,
      'timestamp-ms': timestampMs,
      'metadata-file': metadataFile,
    })),
  }
}

/**
 * In v4 the file may leave out the table's location, which its catalog provides then. No catalog does yet, so it is the
 * folder around the folder `metadata` with the file, unless the table's metadata is configured to be elsewhere.
 */
function readLocation(file: JsonFields, formatVersion: number, metadataLocation: string | null): string {
  if (formatVersion < 4 || file.has('location')) return file.text('location')
  const isConfigured = (file.textMap('properties')['write.metadata.path'] ?? 'metadata') !== 'metadata'
  const [, folder] = /^(.+[^/:])\/+metadata\/+[^/]+$/.exec(metadataLocation ?? '') ?? []
  if (folder !== undefined && !isConfigured) return folder
  throw new AppError(
    'not-supported',
    'The metadata file does not say where the table is, and it is not in a folder named metadata of the table',
    { facts: { formatVersion } },
  )
}

/** `file:///` keeps its slash, which is the root. */
export function withoutTrailingSlash(location: string): string {
  return location.replace(/([^/:])\/+$/, '$1')
}

/**
 * A v1 table may have no uuid until its next commit. Until then a uuid derived from its location distinguishes it from
 * other tables; the next commit writes this uuid.
 */
function uuidFromLocation(location: string): string {
  const bytes = new TextEncoder().encode(location)
  const hex = [0, 1, 2, 3].map((seed) => (murmur3(bytes, seed) >>> 0).toString(16).padStart(8, '0')).join('')
  // Version 8 (custom) and variant 10 of RFC 9562.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

function readSchemas(file: JsonFields, formatVersion: number): Pick<TableMetadata, 'schemas' | 'currentSchemaId'> {
  const v1Schema = file.json('schema')
  if (formatVersion === 1 && !file.has('schemas')) {
    const schema = lenientSchemaFromJson(v1Schema, 'schema')
    return { schemas: [schema], currentSchemaId: schema.schemaId }
  }
  const schemas = file.items('schemas').map(({ json, path }) => lenientSchemaFromJson(json, path))
  const currentSchemaId = file.int('current-schema-id')
  requireId(currentSchemaId, { knownIds: schemas.map((schema: Schema) => schema.schemaId), field: 'current-schema-id' })
  return { schemas, currentSchemaId }
}

type Specs = Pick<TableMetadata, 'partitionSpecs' | 'defaultSpecId' | 'lastPartitionId'>

function readSpecs(file: JsonFields, formatVersion: number): Specs {
  const v1SpecFields = readPartitionFields(file, 'partition-spec')
  if (formatVersion > 1 || file.has('partition-specs')) {
    const partitionSpecs = file.items('partition-specs').map(({ json, path }) => partitionSpecFromJson(json, path))
    const defaultSpecId = file.int('default-spec-id')
    requireId(defaultSpecId, { knownIds: partitionSpecs.map((spec) => spec.specId), field: 'default-spec-id' })
    return { partitionSpecs, defaultSpecId, lastPartitionId: readLastPartitionId(file, formatVersion, partitionSpecs) }
  }
  const partitionSpecs = [{ specId: 0, fields: v1SpecFields }]
  return { partitionSpecs, defaultSpecId: 0, lastPartitionId: readLastPartitionId(file, formatVersion, partitionSpecs) }
}

function readLastPartitionId(file: JsonFields, formatVersion: number, specs: readonly PartitionSpec[]): number {
  if (formatVersion > 1 || file.has('last-partition-id')) return file.int('last-partition-id')
  const usedIds = specs.flatMap((spec) => spec.fields.map((field) => field.fieldId))
  return usedIds.reduce((highest, fieldId) => Math.max(highest, fieldId), FIRST_PARTITION_FIELD_ID - 1)
}

function readSortOrders(
  file: JsonFields,
  formatVersion: number,
): Pick<TableMetadata, 'sortOrders' | 'defaultSortOrderId'> {
  if (formatVersion === 1 && !file.has('sort-orders')) {
    const unsorted: SortOrder = { orderId: 0, fields: [] }
    return { sortOrders: [unsorted], defaultSortOrderId: 0 }
  }
  const sortOrders = file.items('sort-orders').map(({ json, path }) => sortOrderFromJson(json, path))
  const defaultSortOrderId = file.int('default-sort-order-id')
  requireId(defaultSortOrderId, { knownIds: sortOrders.map((order) => order.orderId), field: 'default-sort-order-id' })
  return { sortOrders, defaultSortOrderId }
}

function readSnapshots(file: JsonFields): Snapshot[] {
  const snapshots = file.items('snapshots').map(({ json, path }) => snapshotFromJson(json, path))
  const ids = new Set<string>()
  for (const { snapshotId } of snapshots) {
    if (ids.has(snapshotId)) {
      throw new AppError('file-damaged', `Field snapshots contains the snapshot ${snapshotId} twice`, {
        facts: { snapshotId },
      })
    }
    ids.add(snapshotId)
  }
  return snapshots
}

function readCurrentSnapshotId(file: JsonFields): string | null {
  if (!file.has('current-snapshot-id')) return null
  const snapshotId = file.long('current-snapshot-id')
  return snapshotId === NO_SNAPSHOT ? null : snapshotId
}

function readRefs(file: JsonFields, currentSnapshotId: string | null, snapshots: readonly Snapshot[]) {
  const known = new Set(snapshots.map((snapshot) => snapshot.snapshotId))
  const requireSnapshot = (snapshotId: string, field: string): void => {
    if (known.has(snapshotId)) return
    throw new AppError(
      'file-damaged',
      `Field ${field} refers to the snapshot ${snapshotId}, which is not in snapshots`,
      {
        facts: { field, snapshotId },
      },
    )
  }
  if (currentSnapshotId !== null) requireSnapshot(currentSnapshotId, 'current-snapshot-id')

  const refs: [string, SnapshotRef][] = file.members('refs').map(({ key, json, path }) => {
    const ref = refFromJson(json, path)
    requireSnapshot(ref.snapshotId, path)
    return [key, ref]
  })
  const main = refs.find(([name]) => name === MAIN_BRANCH)?.[1]
  if (main !== undefined && main.snapshotId !== currentSnapshotId) {
    throw new AppError(
      'file-damaged',
      `Field refs.main refers to the snapshot ${main.snapshotId}, but current-snapshot-id is ${currentSnapshotId ?? 'not set'}`,
    )
  }
  if (main === undefined && currentSnapshotId !== null) {
    refs.unshift([MAIN_BRANCH, { snapshotId: currentSnapshotId, type: 'branch' }])
  }
  return Object.fromEntries(refs)
}

function readObjects(file: JsonFields, name: string): JsonObject[] {
  return file.items(name).map(({ json, path }) => new JsonFields(json, path).rest().unknownFields ?? {})
}

function requireId(id: number, { knownIds, field }: { knownIds: readonly number[]; field: string }): void {
  if (knownIds.includes(id)) return
  throw new AppError('file-damaged', `Field ${field} is ${id}, which is not in the list it refers to`, {
    facts: { field, id },
  })
}

/** The fields for v1 readers that do not know the lists. */
function v1Fields(metadata: TableMetadata): JsonObject {
  const schema = metadata.schemas.find((candidate) => candidate.schemaId === metadata.currentSchemaId)
  const spec = metadata.partitionSpecs.find((candidate) => candidate.specId === metadata.defaultSpecId)
  return {
    ...(schema !== undefined && { schema: schemaToJson(schema) }),
    ...(spec !== undefined && { 'partition-spec': partitionFieldsToJson(spec.fields) }),
  }
}
