import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { mightHoldPartition } from '@/lib/iceberg/manifest/might-hold-partition'
import { partitionKey } from '@/lib/iceberg/manifest/partition-key'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { ALL_ROWS, type RowFilter } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { partitionColumns, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { parseTransform } from '@/lib/iceberg/partitioning/transform'
import { createPartitionOverlap } from '@/lib/scan/prune/partition-overlap'
import { readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type LandingLoad, type LandingStrategy, NO_OWN_FILES } from './landing'
import { snapshotSource } from './snapshot-source'

/** Files of other specs that a refusal names. */
const MAX_NAMED_FILES = 3

/**
 * Replaces the rows of exactly the partitions that the load writes. A table without partitions is one partition. A load
 * without rows replaces nothing.
 *
 * As the reference implementation's `ReplacePartitions` (`BaseReplacePartitions`, in Spark a dynamic overwrite) with the
 * checks of `serializable`, which it leaves out unless they are asked for: rows that another writer added to or deleted
 * from these partitions since the load began make it fail, as do files that it rewrote. It leaves files of other
 * partition specs in the table; here the load is refused if they may have rows of these partitions, which would
 * otherwise remain next to the new ones.
 */
export const replacePartitions: LandingStrategy = {
  landsWithoutRows: false,
  onConflict: 'fail',
  async begin(load) {
    const { start, branch, files, schema, summary } = load
    const tip = branchTip(start.metadata, branch)
    const where = replacedRows(load)
    const operation = overwriteOperation({
      added: files.map(({ dataFile }) => dataFile),
      where,
      validation: { startingSnapshotId: tip?.snapshotId ?? null, isolation: 'serializable' },
      summary: { ...summary, 'replace-partitions': 'true' },
    })
    return {
      files,
      supersededRowCount: null,
      async plan() {
        await requireOneSpec(load, where)
        return { operation: { ...operation, schemaId: schema.schemaId }, ...NO_OWN_FILES, counts: null }
      },
      close: () => {},
    }
  },
}

function replacedRows({ start: { metadata }, files, schema, spec }: LandingLoad): RowFilter {
  if (isUnpartitioned(spec)) return ALL_ROWS
  const byKey = new Map(files.map(({ dataFile }) => [partitionKey(dataFile), dataFile.partition]))
  const distinct = [...byKey.values()]
  const columns = partitionColumns(spec, schemaForSpec(spec, metadata.schemas) ?? schema)
  // The spec of a table that the load has created is in its metadata too.
  const overlaps = createPartitionOverlap(metadata, spec, distinct)
  const isReplaced = (file: Pick<DataFile, 'specId' | 'partition'>) => byKey.has(partitionKey(file))
  return {
    text: 'a replaced partition',
    // Files of other specs with rows of these partitions are a conflict or refused before.
    mightMatchManifest: (manifest) =>
      manifest.partitionSpecId === spec.specId &&
      distinct.some((partition) => mightHoldPartition(manifest, columns, partition)),
    mightMatchFile: (file) => (file.specId === spec.specId ? isReplaced(file) : overlaps(file)),
    mustMatchFile: isReplaced,
    mustMatchPartition: isReplaced,
  }
}

/** As in the reference implementation: fields with the transform `void` do not partition. */
function isUnpartitioned({ fields }: PartitionSpec): boolean {
  return fields.every(({ transform }) => parseTransform(transform).kind === 'void')
}

/**
 * @throws {AppError} not-supported naming data files of other specs that may have rows of the replaced partitions, and
 *   other rows
 */
async function requireOneSpec({ start, branch, spec, signal }: LandingLoad, where: RowFilter): Promise<void> {
  if (where === ALL_ROWS) return
  const found: string[] = []
  for await (const file of liveDataFilesOfOtherSpecs(start, { branch, spec, signal }))
    if (where.mightMatchFile(file)) found.push(file.filePath)
  const [filePath] = found
  if (filePath === undefined) return
  const named = found.slice(0, MAX_NAMED_FILES).join(', ')
  const others = found.length - MAX_NAMED_FILES
  throw new AppError(
    'not-supported',
    `${named}${others > 0 ? ` and ${formatQuantity(others, 'other file')}` : ''} may have rows of the partitions to replace, and \
${found.length === 1 ? 'is' : 'are'} partitioned in another way, so these rows cannot be removed with their files. Nothing was \
changed. Rewrite the files with the current partition spec first, or append the rows instead.`,
    { facts: { filePath, fileCount: found.length } },
  )
}

async function* liveDataFilesOfOtherSpecs(
  { metadata, store }: LoadedTable,
  { branch, spec, signal }: Pick<LandingLoad, 'branch' | 'spec' | 'signal'>,
): AsyncGenerator<DataFile> {
  if (!hasOtherSpecs(metadata, spec)) return
  const source = snapshotSource(store, signal)
  for (const manifest of await readSnapshotManifests({ metadata, snapshot: branchTip(metadata, branch) }, source)) {
    if (manifest.content !== 'data' || manifest.partitionSpecId === spec.specId) continue
    for (const { status, dataFile } of await readManifestEntries(metadata, manifest, source))
      if (status !== 'deleted') yield dataFile
  }
}

function hasOtherSpecs({ partitionSpecs }: TableMetadata, { specId }: PartitionSpec): boolean {
  return partitionSpecs.some((spec) => spec.specId !== specId)
}
