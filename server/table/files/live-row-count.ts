import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import { columnTypes } from '@/lib/scan/deletes/key-bounds'
import { namedDataFile } from '@/lib/scan/deletes/named-data-file'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import { type ManifestSource, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { PositionDeleteReader } from '@/server/data-files/delete-files/position-delete-reader'

/** The entries of delete files are held in memory while data files are counted. */
const MAX_DELETE_FILES = 100_000
/** Delete files that have to be read themselves. */
const MAX_OPENED_FILES = 100
const MAX_OPENED_BYTES = 8 * 1024 * 1024

/** Pages that read the rows report these. A commit is described without its live rows. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set(['file-damaged', 'file-missing', 'not-supported', 'too-large'])

type CountOptions = { source: ManifestSource; maxReadFiles: number; signal: AbortSignal }

/**
 * Counts the rows that readers of a snapshot see: those of its data files without those that deletes by position
 * remove. A delete file is read only if its entry does not say how many rows of a data file it deletes.
 *
 * @returns null if deletes by equality apply to a data file, or if there are more files than the limits
 */
export async function countLiveRows(
  table: LoadedTable,
  snapshot: Snapshot,
  options: CountOptions,
): Promise<bigint | null> {
  try {
    return await countRows(table, snapshot, options)
  } catch (error) {
    if (error instanceof AppError && UNREADABLE.has(error.code)) return null
    throw error
  }
}

async function countRows(
  table: LoadedTable,
  snapshot: Snapshot,
  { source, maxReadFiles, signal }: CountOptions,
): Promise<bigint | null> {
  const { metadata } = table
  const manifests = (await readSnapshotManifests({ metadata, snapshot }, source)).filter(mightHoldLiveFiles)
  const ofDeletes = manifests.filter(({ content }) => content === 'deletes')
  if (ofDeletes.length === 0) return totalRecords(snapshot)
  const deletes: ManifestEntry[] = []
  for await (const { entry } of listEntries({ metadata, source }, ofDeletes)) {
    if (entry.status === 'deleted') continue
    deletes.push(entry)
    if (deletes.length > MAX_DELETE_FILES) return null
  }
  const counter = new DeletedCounter(table, deletes, signal)
  const ofData = manifests.filter(({ content }) => content === 'data')
  let rowCount = 0n
  let fileCount = 0
  for await (const { entry } of listEntries({ metadata, source }, ofData)) {
    if (entry.status === 'deleted') continue
    fileCount += 1
    const deletedCount = fileCount > maxReadFiles ? null : await counter.count(entry)
    if (deletedCount === null) return null
    rowCount += BigInt(Math.max(0, entry.dataFile.recordCount - deletedCount))
  }
  return rowCount
}

/** Counts the deleted rows of data files. Stops reading delete files at a limit. */
class DeletedCounter {
  readonly #index: DeleteIndex
  readonly #positions: PositionDeleteReader
  #openedCount = 0
  #openedBytes = 0

  constructor(table: LoadedTable, deletes: readonly ManifestEntry[], signal: AbortSignal) {
    const { partitionSpecs, schemas }: TableMetadata = table.metadata
    this.#index = new DeleteIndex(deletes, partitionSpecs, columnTypes({ schemas }))
    this.#positions = new PositionDeleteReader(table, signal)
  }

  async count(data: ManifestEntry): Promise<number | null> {
    const { deletionVector, positionDeletes, equalityDeletes } = this.#index.find(data)
    if (equalityDeletes.length > 0) return null
    if (deletionVector !== null) return deletionVector.dataFile.recordCount
    const [only, another] = positionDeletes
    if (only === undefined) return 0
    if (another === undefined && namedDataFile(only.dataFile) === data.dataFile.filePath)
      return only.dataFile.recordCount
    // Several files may name a row twice, and one for several data files does not say how many rows of each it deletes.
    this.#openedCount += positionDeletes.length
    this.#openedBytes += sum(positionDeletes.map(({ dataFile }) => dataFile.fileSizeBytes))
    if (this.#openedCount > MAX_OPENED_FILES || this.#openedBytes > MAX_OPENED_BYTES) return null
    return (await this.#positions.read(data.dataFile, positionDeletes)).count
  }
}

/** A summary of another program may have any text. */
function totalRecords({ summary }: Snapshot): bigint | null {
  const text = propertyValue(summary, 'total-records')
  return text !== null && /^\d{1,30}$/.test(text) ? BigInt(text) : null
}
