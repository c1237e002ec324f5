import 'server-only'
import { AppError } from '@/lib/errors'
import type { ClonedLayout } from '@/lib/changes/clone/clone-updates'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import type { AddedFile, SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { SnapshotProducer } from '@/lib/iceberg/operations/snapshot-producer'
import { isDeleteFile } from '@/lib/iceberg/operations/write-entries'
import { version } from '@/package.json'
import { metadataFolder } from '@/server/catalog/folders/table-folders'
import type { ObjectStore } from '@/server/storage/object-store'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { clock } from '@/server/timing/clock'

/**
 * The updates that give the clone its one snapshot, whose manifests are written here. It has the sequence number of the
 * snapshot that was cloned, so that the files keep theirs: deletes by equality apply by them, to rows of today and of
 * commits to come. Row ids stay, too, and the next one is that of the source, so that no id means two rows.
 *
 * A clone with delete files is not an `append`: readers of appended rows ignore deletes.
 */
export async function writeCloneSnapshot(
  { store, namePrefix }: { store: ObjectStore; namePrefix: string },
  { metadata: clone }: ClonedLayout,
  {
    snapshotId,
    source,
    cloned,
    added,
    runId,
  }: { snapshotId: string; source: TableMetadata; cloned: Snapshot; added: readonly AddedFile[]; runId: string },
): Promise<TableUpdate[]> {
  const operation: SnapshotOperation = {
    name: added.some(({ dataFile }) => isDeleteFile(dataFile)) ? 'overwrite' : 'append',
    added,
    removed: [],
    removedWhere: null,
    requiresRemoved: false,
    summary: { 'engine-name': 'Lakeshore', 'engine-version': version, 'lakeshore.run-id': runId },
    schemaId: null,
    validate: async () => {},
  }
  const folder = metadataFolder(clone)
  let manifestCount = 0
  const write = async (name: string, bytes: Uint8Array) => {
    const location = `${folder}/${namePrefix}-${name}.avro`
    await store.writeNew(location, bytes)
    return location
  }
  const producer = new SnapshotProducer(operation, {
    reader: NOTHING_BEFORE,
    writer: {
      snapshotId,
      codecs: avroCodecs,
      writeManifest: (bytes) => write(`m${(manifestCount += 1)}`, bytes),
      writeManifestList: (bytes) => write(`snap-${snapshotId}`, bytes),
      nowMs: () => clock.nowMs(),
    },
  })
  const keepsRowIds = added.some(({ dataFile }) => dataFile.firstRowId !== null)
  const firstNewRowId = keepsRowIds ? (source.nextRowId ?? '0') : clone.nextRowId
  const base: TableMetadata = {
    ...clone,
    lastSequenceNumber: Math.max(0, cloned.sequenceNumber - 1),
    nextRowId: firstNewRowId,
  }
  const { snapshot } = await producer.produce(base)
  return [
    { action: 'add-snapshot', snapshot: keepsRowIds ? withRetainedRowIds(snapshot, firstNewRowId ?? '0') : snapshot },
    { action: 'set-snapshot-ref', refName: MAIN_BRANCH, snapshotId, type: 'branch' },
  ]
}

/** `added-rows` is an upper bound: from it a catalog takes the next row id. */
function withRetainedRowIds(snapshot: Snapshot, firstNewRowId: string): Snapshot {
  return { ...snapshot, firstRowId: '0', addedRows: String(BigInt(firstNewRowId) + BigInt(snapshot.addedRows ?? '0')) }
}

const NOTHING_BEFORE = {
  readManifests: async () => [],
  readEntries: async () => [],
  indexDeletes: () => {
    throw new Error('a new table has no deletes')
  },
}

/**
 * Manifests name their partition spec by the number that it should get.
 *
 * @throws {AppError} internal when the catalog numbered them otherwise
 */
export function requireSameSpecs(expected: TableMetadata, created: TableMetadata): void {
  const label = ({ partitionSpecs }: TableMetadata) =>
    partitionSpecs
      .toSorted((a, b) => a.specId - b.specId)
      .map(({ specId, fields }) => [specId, fields.map(({ sourceId, transform }) => [sourceId, transform])])
  if (JSON.stringify(label(expected)) === JSON.stringify(label(created))) return
  throw new AppError(
    'internal',
    'The catalog gave the partition specs of the clone other ids than its files have. Do not use the clone: drop it.',
  )
}
