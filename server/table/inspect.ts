import 'server-only'
import { schemaOfSpec } from '@/lib/iceberg/avro/partition-tuple'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest'
import { partitionLabel } from '@/lib/iceberg/partition-spec'
import type { PartitionSpec, Snapshot, TableMetadata } from '@/lib/iceberg/table-metadata'
import { liveEntries, type ManifestSource, snapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { ObjectStore } from '@/server/storage/object-store'
import type { ManifestCache } from '@/server/table/kept-manifests'
import { avroCodecs } from './avro-codecs'

/** A file a snapshot holds; `dataFile.content` tells data from deletes. */
export type LiveFile = ManifestEntry & {
  spec: PartitionSpec
  /** For people: `date_month=2001-06`; empty where the spec has no fields. */
  partitionLabel: string
}

type Reading = { store: ObjectStore; signal?: AbortSignal }

/**
 * The manifests of a snapshot, in the order of its list; none of a table without a snapshot.
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the file
 */
export async function readManifests(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot | null,
  reading: Reading,
): Promise<ManifestFile[]> {
  return snapshotManifests({ metadata: table.metadata, snapshot }, manifestSource(manifestCache, table, reading))
}

/**
 * The files of a snapshot, data and deletes, in scan order: by data sequence number, then by path.
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the file
 */
export async function liveFiles(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot | null,
  reading: Reading,
): Promise<LiveFile[]> {
  const { metadata } = table
  const entries = await liveEntries({ metadata, snapshot }, manifestSource(manifestCache, table, reading))
  const described = describePartitions(metadata)
  return entries.map((entry) => ({ ...entry, ...described(entry) }))
}

/** Where `planScan` reads a table's manifests: its store, and what was decoded before. */
export function manifestSource(
  manifestCache: ManifestCache,
  { ref, metadata }: LoadedTable,
  { store, signal }: Reading,
): ManifestSource {
  // Partition values are decoded with the schemas the table has, and a store answers only for its own catalog.
  const newestSchemaId = Math.max(...metadata.schemas.map(({ schemaId }) => schemaId))
  const scope = [ref.catalog, metadata.tableUuid, newestSchemaId].join('\n')
  return {
    readFile: (location) => store.read(location, signal ? { signal } : {}),
    codecs: avroCodecs,
    kept: manifestCache.within(scope),
    ...(signal && { signal }),
  }
}

/** Files of a partition share its label, which is written once for each partition. */
function describePartitions(
  metadata: TableMetadata,
): (entry: ManifestEntry) => Pick<LiveFile, 'spec' | 'partitionLabel'> {
  const specs = new Map(
    metadata.partitionSpecs.map((spec) => [spec.specId, { spec, labels: new Map<string, string>() }]),
  )
  return ({ dataFile: { specId, partition } }) => {
    const known = specs.get(specId)
    if (!known) throw new Error(`an entry was decoded with partition spec ${specId}, which the table does not have`)
    const { spec, labels } = known
    const key = JSON.stringify(partition.map((value) => (value === null ? null : String(value))))
    const label = labels.get(key) ?? labelOf(spec)
    labels.set(key, label)
    return { spec, partitionLabel: label }

    function labelOf(spec: PartitionSpec): string {
      const schema = schemaOfSpec(spec, metadata.schemas)
      return schema === null ? '' : partitionLabel(spec, schema, partition)
    }
  }
}
