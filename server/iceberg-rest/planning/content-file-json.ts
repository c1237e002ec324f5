import 'server-only'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { partitionColumns } from '@/lib/iceberg/partitioning/partition-spec'
import { defaultToJson } from '@/lib/iceberg/schema/default-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import { toLiteral } from '@/lib/scan/predicate/literal'

/**
 * Data and delete files as planning returns them.
 *
 * Spec: REST `open-api`, schemas `DataFile`, `PositionDeleteFile` and `EqualityDeleteFile`.
 */
export type ContentFileWriter = {
  /**
   * @param statsFieldIds columns whose counts are included. Bounds are left out: the specification writes them as values
   *   of their type, but Java's library reads only bytes in hex.
   */
  toDataFileJson(task: ScanTask, statsFieldIds: ReadonlySet<number>): JsonObject
  toDeleteFileJson(file: DataFile): JsonObject
}

export function createContentFileWriter({
  partitionSpecs,
  schemas,
}: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>): ContentFileWriter {
  const typesBySpec = new Map(
    partitionSpecs.map((spec) => {
      const schema = schemaForSpec(spec, schemas)
      return [spec.specId, schema === null ? [] : partitionColumns(spec, schema).map(({ type }) => type)]
    }),
  )
  const toSharedJson = (
    file: Pick<
      DataFile,
      | 'filePath'
      | 'fileFormat'
      | 'specId'
      | 'partition'
      | 'fileSizeBytes'
      | 'recordCount'
      | 'sortOrderId'
      | 'splitOffsets'
    >,
  ): JsonObject => ({
    'spec-id': file.specId,
    partition: file.partition.map((value, i) => valueToJson(typesBySpec.get(file.specId)?.[i] ?? 'unknown', value)),
    'file-path': file.filePath,
    'file-format': file.fileFormat,
    'file-size-in-bytes': file.fileSizeBytes,
    'record-count': file.recordCount,
    ...(file.splitOffsets !== null && { 'split-offsets': [...file.splitOffsets] }),
    ...(file.sortOrderId !== null && { 'sort-order-id': file.sortOrderId }),
  })
  return {
    toDataFileJson: (task, statsFieldIds) => ({
      content: 'data',
      ...toSharedJson(task),
      ...(task.firstRowId !== null && { 'first-row-id': BigInt(task.firstRowId) }),
      ...(statsFieldIds.size > 0 && countsToJson(task, statsFieldIds)),
    }),
    toDeleteFileJson: (file) => ({
      content: file.content,
      ...toSharedJson(file),
      ...(file.equalityIds !== null && { 'equality-ids': [...file.equalityIds] }),
      ...(file.referencedDataFile !== null && { 'referenced-data-file': file.referencedDataFile }),
      ...(file.contentOffset !== null && { 'content-offset': file.contentOffset }),
      ...(file.contentSizeBytes !== null && { 'content-size-in-bytes': file.contentSizeBytes }),
    }),
  }
}

/** Spec: Iceberg table spec, appendix D, *JSON single-value serialization*. */
function valueToJson(type: PrimitiveType, value: Value | null): Json {
  if (value === null) return null
  // JSON has no NaN or infinity. Java's library writes them as text.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const json = defaultToJson(type, toLiteral(type, value))
  // Catalogs write bytes in capital letters.
  return typeof json === 'string' && value instanceof Uint8Array ? json.toUpperCase() : json
}

function countsToJson({ metrics }: ScanTask, fieldIds: ReadonlySet<number>): JsonObject {
  const pick = (counts: ReadonlyMap<number, number>): JsonObject => {
    const picked = [...counts].filter(([fieldId]) => fieldIds.has(fieldId))
    return { keys: picked.map(([fieldId]) => fieldId), values: picked.map(([, count]) => count) }
  }
  return {
    'column-sizes': pick(metrics.columnSizesBytes),
    'value-counts': pick(metrics.valueCounts),
    'null-value-counts': pick(metrics.nullValueCounts),
    'nan-value-counts': pick(metrics.nanValueCounts),
  }
}
