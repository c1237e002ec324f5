import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { partitionPath } from '@/lib/iceberg/partitioning/partition-spec'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

type Summary = Readonly<Record<string, string>>

/**
 * Operation and counts of an append. Each total is the parent's total plus the added count; a total that the parent's
 * writer left out stays left out.
 *
 * Spec: Iceberg table spec, *Optional Snapshot Summary Fields*.
 *
 * @param parent summary of the parent snapshot; null for the table's first snapshot
 */
export function appendSummary(files: readonly DataFile[], metadata: TableMetadata, parent: Summary | null): Summary {
  const records = sum(files.map(({ recordCount }) => recordCount))
  const sizeBytes = sum(files.map(({ fileSizeBytes }) => fileSizeBytes))
  return {
    operation: 'append',
    'added-data-files': String(files.length),
    'added-records': String(records),
    'added-files-size': String(sizeBytes),
    'changed-partition-count': String(new Set(files.map((file) => partitionKey(file, metadata))).size),
    ...summaryTotal('total-records', parent, records),
    ...summaryTotal('total-files-size', parent, sizeBytes),
    ...summaryTotal('total-data-files', parent, BigInt(files.length)),
    ...summaryTotal('total-delete-files', parent, 0n),
    ...summaryTotal('total-position-deletes', parent, 0n),
    ...summaryTotal('total-equality-deletes', parent, 0n),
  }
}

function summaryTotal(name: string, parent: Summary | null, added: bigint): Summary {
  const before = parent === null ? '0' : parent[name]
  return before !== undefined && /^\d+$/.test(before) ? { [name]: String(BigInt(before) + added) } : {}
}

function sum(counts: readonly number[]): bigint {
  return counts.reduce((total, count) => total + BigInt(count), 0n)
}

/** All files of an unpartitioned table count as one partition, as in Java. */
function partitionKey({ specId, partition }: DataFile, { partitionSpecs, schemas, currentSchemaId }: TableMetadata) {
  const spec = partitionSpecs.find((one) => one.specId === specId)
  const schema = schemas.find((one) => one.schemaId === currentSchemaId)
  return spec && schema ? partitionPath(spec, schema, partition) : ''
}
