import { inParallel } from '@/lib/in-parallel'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import type { FooterSummary, LoadFile } from './decode-messages'
import type { Decoder } from './decoder'

/** Footers asked for at once. */
const PARALLEL = 6

/** Footers of files, each read once; a data file never changes. */
export type Footers = {
  of(file: LoadFile, signal: AbortSignal): Promise<FooterSummary>
  /** Of several files, in their order. */
  all(files: readonly LoadFile[], signal: AbortSignal): Promise<FooterSummary[]>
  /** Of these files, those that were read and are not as long as their table says; they are read as they are. */
  sizeMismatches(files: readonly LoadFile[]): SizeMismatch[]
  /** Bytes read for footers so far. */
  readonly readBytes: number
}

export function createFooters(decoder: Decoder): Footers {
  const known = new Map<string, Promise<FooterSummary>>()
  const lengths = new Map<string, number>()
  let readBytes = 0

  const of = (file: LoadFile, signal: AbortSignal): Promise<FooterSummary> => {
    const read = known.get(file.name)
    if (read) return read
    const reading = decoder.footer(file, signal).then((footer) => {
      readBytes += footer.readBytes
      lengths.set(file.name, footer.byteLength)
      return footer
    })
    known.set(file.name, reading)
    // A failed try is not kept: the next one may go better.
    reading.catch(() => known.delete(file.name))
    return reading
  }

  return {
    of,
    async all(files, signal) {
      await inParallel(files, PARALLEL, async (file) => void (await of(file, signal)))
      return await Promise.all(files.map((file) => of(file, signal)))
    },
    sizeMismatches(files) {
      return files.flatMap(({ name, byteLength }) => {
        const actualBytes = lengths.get(name) ?? byteLength
        return actualBytes === byteLength ? [] : [{ path: name, toldBytes: byteLength, actualBytes }]
      })
    },
    get readBytes() {
      return readBytes
    },
  }
}
