import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { ALL_ROWS, type RowFilter } from '@/lib/iceberg/operations/operation'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { createRowFilter } from '@/lib/scan/prune/row-filter'
import {
  type ManifestSource,
  mapUnlessAborted,
  readManifestEntries,
  readSnapshotManifests,
  toScanOrder,
} from '@/lib/scan/snapshot-manifests'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type LiveDataFile, LiveDataFiles } from './live-data-files'

/** The data files that one commit changes, and the delete files that are read for them. Each is an entry in memory. */
const MAX_CHANGED_FILES = 100_000

/** The data files of a branch by what metadata says about a filter of rows. Files that cannot match are left out. */
export type FilteredFiles = {
  filter: RowFilter
  predicate: BoundPredicate
  live: LiveDataFiles
  /** Every row of them matches. */
  whole: readonly LiveDataFile[]
  /** Some of their rows may match. */
  candidates: readonly LiveDataFile[]
  startingSnapshotId: string | null
}

/**
 * @param text the predicate for messages
 * @throws {AppError} too-large if it would change too many files; what reading manifests throws
 */
export async function readFilteredFiles(
  table: LoadedTable,
  { branch, predicate, text }: { branch: string; predicate: BoundPredicate; text: string },
  source: ManifestSource & { signal: AbortSignal },
): Promise<FilteredFiles> {
  const { metadata } = table
  const filter = createRowFilter(predicate, metadata, text)
  const tip = branchTip(metadata, branch)
  const { data, deletes } = await readMatchingEntries(table, { filter, snapshot: tip }, source)
  const live = new LiveDataFiles(
    { table, schema: currentSchema(metadata), signal: source.signal },
    { entries: data, deletes },
  )
  const whole: LiveDataFile[] = []
  const candidates: LiveDataFile[] = []
  for (const file of live.files) {
    const { dataFile } = file.entry
    if (filter.mustMatchFile(dataFile)) whole.push(file)
    else if (dataFile.recordCount > 0) candidates.push(file)
  }
  return { filter, predicate, live, whole, candidates, startingSnapshotId: tip?.snapshotId ?? null }
}

async function readMatchingEntries(
  { metadata }: LoadedTable,
  { filter, snapshot }: { filter: RowFilter; snapshot: ReturnType<typeof branchTip> },
  source: ManifestSource,
): Promise<{ data: ManifestEntry[]; deletes: ManifestEntry[] }> {
  const all = await readSnapshotManifests({ metadata, snapshot }, source)
  let count = 0
  const read = async (content: ManifestFile['content'], mightMatch: RowFilter) => {
    const manifests = all.filter(
      (manifest) =>
        manifest.content === content && mightHoldLiveFiles(manifest) && mightMatch.mightMatchManifest(manifest),
    )
    const entries = await mapUnlessAborted(toScanOrder(manifests), source.signal, async (manifest) => {
      const matching = (await readManifestEntries(metadata, manifest, source)).filter(
        ({ status, dataFile }) => status !== 'deleted' && mightMatch.mightMatchFile(dataFile),
      )
      count += matching.length
      if (count > MAX_CHANGED_FILES) throw tooManyFilesError(filter)
      return matching
    })
    return entries.flat()
  }
  const data = await read('data', filter)
  // Deletes of other rows apply to these files, too.
  return { data, deletes: data.length === 0 ? [] : await read('deletes', ALL_ROWS) }
}

function tooManyFilesError({ text }: RowFilter): AppError {
  return new AppError(
    'too-large',
    `More than ${formatQuantity(MAX_CHANGED_FILES, 'file')} may have rows that match ${text}, or deletes of them. Nothing was \
changed. Match fewer rows, such as those of one partition, and repeat it for the others.`,
  )
}
