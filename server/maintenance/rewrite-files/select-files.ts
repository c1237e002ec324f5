import 'server-only'
import pMap from 'p-map'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { openDataFile } from '@/server/data-files/open-data-file'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { type Candidates, findCandidates } from './candidate-files'
import { type JudgedFile, judgeFile, type RequestedFiles } from './judge-file'
import type { LeftOutCount } from './left-out'
import { MAX_BYTES_PER_RUN, MAX_FILES_PER_RUN } from './rewrite-task'

const CONCURRENCY = 8
/** Files whose footers are read between two checks of the results. */
const BATCH_FILES = 256

/** @param warn takes a sentence about each property that is ignored */
export function readRequestedFiles({ metadata }: LoadedTable, warn: (sentence: string) => void): RequestedFiles {
  return {
    layout: parseWriteSettings(metadata.properties, currentSchema(metadata), warn).layout,
    nameMapping: readNameMapping(metadata.properties),
    hasLineage: metadata.formatVersion >= 3,
  }
}

/** The data files of the current snapshot, as {@link findCandidates}. */
export async function readCandidates(
  manifestCache: ManifestCache,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<Candidates> {
  const { metadata, store } = table
  const live = await readLiveFiles(manifestCache, table, currentSnapshot(metadata), { store, signal })
  return findCandidates(metadata, live, manifestCache)
}

/** Judges one file by its footer. */
export async function judgeLiveFile(
  { store }: LoadedTable,
  { dataFile }: LiveFile,
  requested: RequestedFiles,
  signal: AbortSignal,
): Promise<JudgedFile> {
  const source = await openDataFile(store, dataFile.filePath, signal)
  return judgeFile(source, requested, signal)
}

/**
 * The files that one run rewrites: the first that differ, in scan order. Reads the footer of each candidate.
 *
 * @param leftOut counts candidates that cannot be rewritten
 * @param onJudged is given the number of footers that were read
 */
export async function selectFiles(
  table: LoadedTable,
  candidates: readonly LiveFile[],
  requested: RequestedFiles,
  { leftOut, onJudged, signal }: { leftOut: LeftOutCount; onJudged: (count: number) => void; signal: AbortSignal },
): Promise<{ files: LiveFile[]; forAnotherRun: number }> {
  const files: LiveFile[] = []
  let forAnotherRun = 0
  let bytes = 0
  for (let at = 0; at < candidates.length; at += BATCH_FILES) {
    const batch = candidates.slice(at, at + BATCH_FILES)
    const judged = await pMap(batch, (file) => judgeLiveFile(table, file, requested, signal), {
      concurrency: CONCURRENCY,
    })
    for (const [i, file] of batch.entries()) {
      const found = judged[i]
      if (found?.kind === 'left-out') leftOut.add(file.dataFile, found.why)
      if (found?.kind !== 'differs') continue
      const isFull =
        files.length >= MAX_FILES_PER_RUN ||
        (files.length > 0 && bytes + file.dataFile.fileSizeBytes > MAX_BYTES_PER_RUN)
      if (isFull) forAnotherRun += 1
      else {
        files.push(file)
        bytes += file.dataFile.fileSizeBytes
      }
    }
    onJudged(at + batch.length)
  }
  return { files, forAnotherRun }
}
