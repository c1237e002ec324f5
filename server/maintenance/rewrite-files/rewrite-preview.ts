import 'server-only'
import pMap from 'p-map'
import type { RewritePreview } from '@/lib/contract/table/rewrites'
import { sum } from '@/lib/sum'
import { columnCompression } from '@/lib/iceberg/properties/column-compression'
import { codecOf, isSameCompression } from '@/lib/iceberg/properties/compression'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import { readTrial } from '@/server/metrics/columns/trial/queued-trials'
import { spreadEvenly } from '@/server/metrics/columns/spread-evenly'
import { codecsOf } from '@/server/parquet/transcode/column-layout'
import type { LiveFile } from '@/server/table/files/live-files'
import { clock } from '@/server/timing/clock'
import type { JudgedFile } from './judge-file'
import { LeftOutCount } from './left-out'
import { MAX_BYTES_PER_RUN, MAX_FILES_PER_RUN, readRewriteSpeed } from './rewrite-task'
import { judgeLiveFile, readCandidates, readRequestedFiles } from './select-files'

const MAX_FILES = 1_000
const CONCURRENCY = 16
const TIME_BUDGET_MS = 10_000
const MAX_FOOTER_BYTES = 128 * 1024 * 1024
/** Trials are looked up for the columns with the most bytes. */
const MAX_TRIED_COLUMNS = 100

/**
 * Previews a rewrite from the footers of a sample. Changes nothing.
 *
 * @throws {AppError} invalid-request for a property of the table that cannot be used
 */
export async function readRewritePreview(
  { database, manifestCache }: Pick<Services, 'database' | 'manifestCache'>,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<Omit<RewritePreview, 'storagePrice'>> {
  const requested = readRequestedFiles(table, () => {})
  const candidates = await readCandidates(manifestCache, table, signal)
  const timeout = clock.deadline(TIME_BUDGET_MS)
  let footerBytes = 0
  const judge = async (file: LiveFile): Promise<JudgedFile | null> => {
    if (timeout.aborted || footerBytes > MAX_FOOTER_BYTES) return null
    try {
      const judged = await judgeLiveFile(table, file, requested, AbortSignal.any([signal, timeout]))
      if (judged.kind === 'differs') footerBytes += judged.footerBytes
      return judged
    } catch (error) {
      signal.throwIfAborted()
      if (timeout.aborted) return null
      throw error
    }
  }
  const sample = spreadEvenly(candidates.files, MAX_FILES)
  const judged = await pMap(sample, judge, { concurrency: CONCURRENCY })
  const leftOut = new LeftOutCount()
  for (const { file, why } of candidates.leftOut) leftOut.add(file.dataFile, why)
  const differing: LiveFile[] = []
  const bytesByColumn = new Map<number | null, number>()
  for (const [i, file] of sample.entries()) {
    const found = judged[i] ?? null
    if (found?.kind === 'left-out') leftOut.add(file.dataFile, found.why)
    if (found?.kind !== 'differs') continue
    differing.push(file)
    for (const { fieldId, storedBytes } of found.columns)
      bytesByColumn.set(fieldId, (bytesByColumn.get(fieldId) ?? 0) + storedBytes)
  }
  const all = [...candidates.files, ...candidates.leftOut.map(({ file }) => file)]
  const codecs = codecsOf(requested.layout)
  const speed = await readRewriteSpeed(database, table, codecs)
  return {
    fileCount: all.length,
    fileBytes: bytesOf(all),
    readFileCount: judged.filter((one) => one !== null).length + candidates.leftOut.length,
    differingFileCount: differing.length,
    differingFileBytes: bytesOf(differing),
    positionDeletedFileCount: differing.filter((file) => candidates.deletes.byPosition(file).length > 0).length,
    equalityDeletedFileCount: differing.filter((file) => candidates.deletes.hasEquality(file)).length,
    deleteFormat: table.metadata.formatVersion >= 3 ? 'deletion-vectors' : 'position-deletes',
    maxFilesPerRun: MAX_FILES_PER_RUN,
    maxBytesPerRun: MAX_BYTES_PER_RUN,
    skipped: leftOut.list(),
    differingColumnCount: bytesByColumn.size,
    ...(await projectSizes({ database }, table, { bytesByColumn, files: all })),
    bytesPerSecond: speed?.bytesPerSecond ?? null,
    isSpeedOfTable: speed?.isOfTable ?? false,
    isSpeedOfCodecs: speed?.codecs === codecs,
    speedCodecs: speed?.codecs ?? null,
  }
}

/**
 * The projected size of the columns, from trials of the codec and level that are set. It leaves out columns without a
 * trial, or with one of files that are no longer in the table.
 *
 * @param stored.files all data files of the table
 */
async function projectSizes(
  { database }: Pick<Services, 'database'>,
  table: LoadedTable,
  { bytesByColumn, files }: { bytesByColumn: ReadonlyMap<number | null, number>; files: readonly LiveFile[] },
): Promise<Pick<RewritePreview, 'trialColumnCount' | 'trialStoredBytes' | 'trialProjectedBytes' | 'trialErrorBytes'>> {
  const total = { trialColumnCount: 0, trialStoredBytes: 0, trialProjectedBytes: 0, trialErrorBytes: 0 }
  const livePaths = new Set(files.map(({ dataFile }) => dataFile.filePath))
  const largest = [...bytesByColumn].toSorted(([, a], [, b]) => b - a).slice(0, MAX_TRIED_COLUMNS)
  for (const [fieldId, storedBytes] of largest) {
    if (fieldId === null) continue
    const { sample, isSampleCurrent } = await readTrial(database, table, fieldId, async () => livePaths)
    const set = columnCompression(table.metadata.properties, fieldId)
    const trial = sample?.trials.find((one) => isSameCompression({ codec: codecOf(one.codec), level: one.level }, set))
    if (!sample || isSampleCurrent !== true || !trial || trial.encodedBytes === 0) continue
    total.trialColumnCount += 1
    total.trialStoredBytes += storedBytes
    total.trialProjectedBytes += Math.round(storedBytes * (1 + trial.change))
    total.trialErrorBytes += Math.round(storedBytes * trial.error)
  }
  return total
}

function bytesOf(files: readonly LiveFile[]): number {
  return sum(files.map(({ dataFile }) => dataFile.fileSizeBytes))
}
