import 'server-only'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionLabel, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { readLiveEntries, type ManifestSource } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { ObjectStore } from '@/server/storage/object-store'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { avroCodecs } from '@/server/codecs/avro-codecs'

/** A live file of a snapshot; `dataFile.content` distinguishes data from deletes. */
export type LiveFile = ManifestEntry & {
  spec: PartitionSpec
  /** For people: `date_month=2001-06`; empty when the spec has no fields. */
  partitionLabel: string
}

type ReadOptions = { store: ObjectStore; signal?: AbortSignal }

/**
 * The files of a snapshot, data and deletes, in scan order (see `toScanOrder`).
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the file
 */
export async function readLiveFiles(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot | null,
  options: ReadOptions,
): Promise<LiveFile[]> {
  const { metadata } = table
  const entries = await readLiveEntries({ metadata, snapshot }, createManifestSource(manifestCache, table, options))
  const describePartition = describePartitions(metadata)
  return entries.map((entry) => ({ ...entry, ...describePartition(entry) }))
}

/** Where `planScan` reads a table's manifests: its store and the manifest cache. */
export function createManifestSource(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { store, signal }: ReadOptions,
): ManifestSource {
  return {
    readFile: (location) => store.read(location, signal ? { signal } : {}),
    codecs: avroCodecs,
    takeTurns: manifestCache.takeTurns,
    cache: manifestCache.cacheFor(cacheScope(table)),
    ...(signal && { signal }),
  }
}

/**
 * The scope of a table's manifests in the cache. Partition values are decoded with the table's schemas, and a store
 * belongs to one catalog, so both are in the scope, as is the set of files that the user may read.
 *
 * @throws {AppError} read-restricted: all that is cached of a table's files is found by the scope, so a restricted table
 *   has none
 */
export function cacheScope({ identifier, metadata, fileScope = '', requireReadable }: LoadedTable): string {
  requireReadable?.()
  const newestSchemaId = Math.max(...metadata.schemas.map(({ schemaId }) => schemaId))
  return [identifier.catalog, metadata.tableUuid, newestSchemaId, fileScope].join('\n')
}

/** Files of a partition share one label, which is built once. */
export function describePartitions(
  metadata: TableMetadata,
): (entry: ManifestEntry) => Pick<LiveFile, 'spec' | 'partitionLabel'> {
  const specs = new Map(
    metadata.partitionSpecs.map((spec) => [spec.specId, { spec, labels: new Map<string, string>() }]),
  )
  return ({ dataFile: { specId, partition } }) => {
    const labeledSpec = specs.get(specId)
    if (!labeledSpec)
      throw new Error(`an entry was decoded with partition spec ${specId}, which the table does not have`)
    const { spec, labels } = labeledSpec
    const key = JSON.stringify(partition.map((value) => (value === null ? null : String(value))))
    const label = labels.get(key) ?? labelOf(spec)
    labels.set(key, label)
    return { spec, partitionLabel: label }

    function labelOf(spec: PartitionSpec): string {
      const schema = schemaForSpec(spec, metadata.schemas)
      return schema === null ? '' : partitionLabel(spec, schema, partition)
    }
  }
}
