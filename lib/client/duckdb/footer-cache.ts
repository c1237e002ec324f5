import pMap from 'p-map'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import type { FooterSummary, LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'

/** Footers requested at once. */
const MAX_PARALLEL_FOOTERS = 6

/** Footers of files, each read once; a data file never changes. */
export type FooterCache = {
  read(file: LoadableFile, signal: AbortSignal): Promise<FooterSummary>
  /** The footers of several files, in their order. */
  readAll(files: readonly LoadableFile[], signal: AbortSignal): Promise<FooterSummary[]>
  /** The files already read whose length differs from the manifest; they are read at their real length. */
  sizeMismatches(files: readonly LoadableFile[]): SizeMismatch[]
  /** Bytes read for footers so far. */
  readonly readBytes: number
}

export function createFooterCache(decoder: Decoder): FooterCache {
  const pendingByName = new Map<string, Promise<FooterSummary>>()
  const lengths = new Map<string, number>()
  let readBytes = 0

  const read = (file: LoadableFile, signal: AbortSignal): Promise<FooterSummary> => {
    const cached = pendingByName.get(file.name)
    if (cached) return cached
    const pending = decoder.readFooter(file, signal).then((footer) => {
      readBytes += footer.readBytes
      lengths.set(file.name, footer.byteLength)
      return footer
    })
    pendingByName.set(file.name, pending)
    // A failed attempt is not cached: the next one may succeed.
    pending.catch(() => pendingByName.delete(file.name))
    return pending
  }

  return {
    read,
    async readAll(files, signal) {
      await pMap(files, async (file) => void (await read(file, signal)), { concurrency: MAX_PARALLEL_FOOTERS })
      return await Promise.all(files.map((file) => read(file, signal)))
    },
    sizeMismatches(files) {
      return files.flatMap(({ name, byteLength }) => {
        const actualBytes = lengths.get(name) ?? byteLength
        return actualBytes === byteLength ? [] : [{ path: name, declaredBytes: byteLength, actualBytes }]
      })
    },
    get readBytes() {
      return readBytes
    },
  }
}
