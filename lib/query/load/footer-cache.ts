import pMap from 'p-map'
import type { SizeMismatch } from '@/lib/scan/data-files'
import type { FooterSummary, LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'
import type { TableScan } from './table-scan'

/** Footers requested at once. */
const MAX_PARALLEL_FOOTERS = 6

/** Footers of files, each read once; a data file never changes. */
export type FooterCache = {
  /** For a load, which counts it. */
  read(scan: ScanKey, file: LoadableFile, signal: AbortSignal): Promise<FooterSummary>
  /** The footers of several files, in their order, for an estimate: the first load of a file counts its footer. */
  readAll(scan: ScanKey, files: readonly LoadableFile[], signal: AbortSignal): Promise<FooterSummary[]>
  /** The files of a scan already read whose length differs from the manifest; they are read at their real length. */
  sizeMismatches(scan: ScanKey): SizeMismatch[]
  /** Whether a load has counted the footer of a file. */
  isCounted(file: LoadableFile): boolean
  /** Bytes of the footers that loads have counted so far. */
  readonly readBytes: number
}

type ScanKey = Pick<TableScan, 'key'>

export function createFooterCache(decoder: Decoder): FooterCache {
  const pendingByKey = new Map<string, Promise<FooterSummary>>()
  /** By scan and file: one file may have several lengths in the manifests of several snapshots. */
  const mismatches = new Map<string, Map<string, SizeMismatch>>()
  const counted = new Set<string>()
  let readBytes = 0

  const readUncounted = async (scan: ScanKey, file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    const footer = await readOnce(file, signal)
    if (footer.byteLength !== file.byteLength) recordMismatch(scan, file, footer.byteLength)
    return footer
  }

  const read = async (scan: ScanKey, file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    const footer = await readUncounted(scan, file, signal)
    const key = keyOf(file)
    if (!counted.has(key)) readBytes += footer.readBytes
    counted.add(key)
    return footer
  }

  const recordMismatch = ({ key }: ScanKey, { name, byteLength }: LoadableFile, actualBytes: number): void => {
    const ofScan = mismatches.get(key) ?? new Map<string, SizeMismatch>()
    ofScan.set(name, { path: name, declaredBytes: byteLength, actualBytes })
    mismatches.set(key, ofScan)
  }

  const readOnce = (file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    const key = keyOf(file)
    const cached = pendingByKey.get(key)
    if (cached) return cached
    const pending = decoder.readFooter(file, signal)
    pendingByKey.set(key, pending)
    // A failed attempt is not cached: the next one may succeed.
    pending.catch(() => pendingByKey.delete(key))
    return pending
  }

  return {
    read,
    readAll: (scan, files, signal) =>
      pMap(files, (file) => readUncounted(scan, file, signal), { concurrency: MAX_PARALLEL_FOOTERS }),
    isCounted: (file) => counted.has(keyOf(file)),
    sizeMismatches: ({ key }) => [...(mismatches.get(key)?.values() ?? [])],
    get readBytes() {
      return readBytes
    },
  }
}

/** A file that is also read as part of its table has other columns then. */
function keyOf({ hasOwnColumns, url, name }: LoadableFile): string {
  return hasOwnColumns === true ? url : name
}
