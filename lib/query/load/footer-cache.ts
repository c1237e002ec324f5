import pMap from 'p-map'
import type { SizeMismatch } from '@/lib/scan/data-files'
import type { FooterSummary, LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'
import type { TableScan } from './table-scan'

/** Footers requested at once. */
const MAX_PARALLEL_FOOTERS = 6

/** Footers of files, each read once; a data file never changes. */
export type FooterCache = {
  read(scan: ScanKey, file: LoadableFile, signal: AbortSignal): Promise<FooterSummary>
  /** The footers of several files, in their order. */
  readAll(scan: ScanKey, files: readonly LoadableFile[], signal: AbortSignal): Promise<FooterSummary[]>
  /** The files of a scan already read whose length differs from the manifest; they are read at their real length. */
  sizeMismatches(scan: ScanKey): SizeMismatch[]
  /** Bytes read for footers so far. */
  readonly readBytes: number
}

type ScanKey = Pick<TableScan, 'key'>

export function createFooterCache(decoder: Decoder): FooterCache {
  const pendingByKey = new Map<string, Promise<FooterSummary>>()
  /** By scan and file: one file may have several lengths in the manifests of several snapshots. */
  const mismatches = new Map<string, Map<string, SizeMismatch>>()
  let readBytes = 0

  const read = async (scan: ScanKey, file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    const footer = await readOnce(file, signal)
    if (footer.byteLength !== file.byteLength) recordMismatch(scan, file, footer.byteLength)
    return footer
  }

  const recordMismatch = ({ key }: ScanKey, { name, byteLength }: LoadableFile, actualBytes: number): void => {
    const ofScan = mismatches.get(key) ?? new Map<string, SizeMismatch>()
    ofScan.set(name, { path: name, declaredBytes: byteLength, actualBytes })
    mismatches.set(key, ofScan)
  }

  const readOnce = (file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    // A file that is also read as part of its table has other columns then.
    const key = file.hasOwnColumns === true ? file.url : file.name
    const cached = pendingByKey.get(key)
    if (cached) return cached
    const pending = decoder.readFooter(file, signal).then((footer) => {
      readBytes += footer.readBytes
      return footer
    })
    pendingByKey.set(key, pending)
    // A failed attempt is not cached: the next one may succeed.
    pending.catch(() => pendingByKey.delete(key))
    return pending
  }

  return {
    read,
    readAll: (scan, files, signal) =>
      pMap(files, (file) => read(scan, file, signal), { concurrency: MAX_PARALLEL_FOOTERS }),
    sizeMismatches: ({ key }) => [...(mismatches.get(key)?.values() ?? [])],
    get readBytes() {
      return readBytes
    },
  }
}
