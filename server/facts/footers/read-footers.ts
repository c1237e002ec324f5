import 'server-only'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { FooterColumn } from '@/lib/facts/file-footer'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { openDataFile } from '@/server/data-files/open-data-file'
import type { ReadFooter } from '@/server/db/facts/storage/fact-files'
import { type FileColumn, readFooterColumns } from '@/server/metrics/columns/file-columns'
import { spreadEvenly } from '@/server/metrics/columns/spread-evenly'
import { codecPropertyName } from '@/server/table/codec-name'
import type { ByteBudget } from '../byte-budget'
import { isTransient } from '../is-transient'
import type { FileEntry } from './stored-files'

/** So many footers of one table are read before other tables have their turn. */
const MAX_FOOTERS_AT_ONCE = 500
const CONCURRENCY = 4
/** So many files of larger tables are read, and a tenth of the others. */
const MAX_FILES_READ_WHOLE = 2_000
const SAMPLED_SHARE = 0.1
/** A footer that could not be read is read again after so long. */
export const RETRY_MS = 60 * 60_000

type KnownFooters = ReadonlyMap<string, ReadFooter & { readAtMs: number }>

/** The files whose footers are to be read: all of a small table, and an evenly spread sample of a large one. */
export function chooseUnread(files: readonly FileEntry[], known: KnownFooters, nowMs: number): FileEntry[] {
  const parquet = files.filter(({ content, isParquet }) => content === 'data' && isParquet)
  const isRead = ({ key }: FileEntry) => isWholeFooter(known.get(key))
  const missingCount = requestedCount(parquet.length) - parquet.filter(isRead).length
  const isDue = ({ key }: FileEntry) => {
    const attempt = known.get(key)
    if (attempt === undefined || attempt.problem === null) return !isWholeFooter(attempt)
    return attempt.readAtMs <= nowMs - RETRY_MS
  }
  return spreadEvenly(parquet.filter(isDue), Math.max(0, missingCount))
}

/** Whether all was read that is stored now. */
function isWholeFooter(read: ReadFooter | undefined): boolean {
  return read?.problem === null && read.createdBy !== null
}

function requestedCount(fileCount: number): number {
  return Math.ceil(MAX_FILES_READ_WHOLE + Math.max(0, fileCount - MAX_FILES_READ_WHOLE) * SAMPLED_SHARE)
}

/**
 * Reads footers within the budget, the first ones of the list.
 *
 * @returns by key; less than asked for if the budget is used up, or the signal of the caller's time limit is aborted
 */
export async function readFooters(
  { store, metadata, requireReadable }: Pick<LoadedTable, 'store' | 'metadata' | 'requireReadable'>,
  files: readonly FileEntry[],
  { budget, signal }: { budget: ByteBudget; signal: AbortSignal },
): Promise<Map<string, ReadFooter>> {
  requireReadable?.()
  const nameMapping = readNameMapping(metadata.properties)
  const read = new Map<string, ReadFooter>()
  await pMap(
    files.slice(0, MAX_FOOTERS_AT_ONCE),
    async ({ key, location }) => {
      if (!budget.hasLeft()) return
      try {
        const source = await openDataFile(store, location, signal)
        const { columns, footerBytes, createdBy } = await readFooterColumns(source, nameMapping, signal)
        budget.spend(footerBytes)
        read.set(key, { footer: columns.map(toFooterColumn), problem: null, createdBy: createdBy ?? '' })
      } catch (error) {
        // The storage may answer later: the file counts as not read yet.
        if (signal.aborted || isTransient(error) || !(error instanceof AppError)) throw error
        read.set(key, { footer: null, problem: error.message })
      }
    },
    { concurrency: CONCURRENCY },
  )
  return read
}

function toFooterColumn(column: FileColumn): FooterColumn {
  const { fieldId, plainBytes, encodedBytes, isPlainEstimated, storedBytesByCodec, encodings } = column
  return {
    fieldId,
    codecs: [...storedBytesByCodec].map(([codec, storedBytes]) => [codecPropertyName(codec), storedBytes]),
    encodedBytes,
    plainBytes,
    isEstimated: isPlainEstimated,
    encodings: [...encodings.keys()],
    dictionary: toDictionaryUse(column),
  }
}

function toDictionaryUse({ hasDictionary, hasDictionaryFallback }: FileColumn): FooterColumn['dictionary'] {
  if (!hasDictionary) return null
  if (hasDictionaryFallback === null) return 'unknown'
  return hasDictionaryFallback ? 'fallback' : 'all'
}
