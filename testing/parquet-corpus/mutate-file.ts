import { readFooter } from '@/lib/parquet/footer'
import { readPageHeader } from '@/lib/parquet/page'

/** Damages Parquet files, in the same way for the same seed. */

export type Span = { start: number; end: number }

/** The bytes of all pages, if they all have a checksum. */
export async function findCheckedPages(name: string, bytes: Uint8Array): Promise<Span[] | null> {
  const read = (start: number, end: number) => Promise.resolve(bytes.slice(start, end))
  const { rowGroups } = await readFooter({ name, byteLength: bytes.length, read })
  const pages: Span[] = []
  for (const { startOffset, storedBytes } of rowGroups.flatMap((group) => group.columns)) {
    for (let at = startOffset; at < startOffset + storedBytes; ) {
      const header = readPageHeader(bytes, at)
      if (header.checksum === null) return null
      pages.push({ start: header.start, end: header.end })
      at = header.end
    }
  }
  return pages
}

export type Random = (below: number) => number

/** @returns whether only the bytes of one of `pages` changed */
export function mutate(
  { bytes, pages }: { bytes: Uint8Array; pages: readonly Span[] | null },
  random: Random,
): { bytes: Uint8Array; isInPage: boolean } {
  const kind = random(8)
  if (kind === 0) return { bytes: bytes.slice(0, random(bytes.length)), isInPage: false }
  if (kind === 1) {
    const [from, count] = [random(bytes.length), 1 + random(64)]
    return { bytes: Uint8Array.from([...bytes.slice(0, from), ...bytes.slice(from + count)]), isInPage: false }
  }
  if (kind === 2) {
    const at = random(bytes.length)
    const added = Array.from({ length: 1 + random(64) }, () => random(256))
    return { bytes: Uint8Array.from([...bytes.slice(0, at), ...added, ...bytes.slice(at)]), isInPage: false }
  }
  const changed = bytes.slice()
  const page = pages && kind > 5 ? pages[random(pages.length)] : undefined
  // The footer, with the schema and all lengths, is the end of the file.
  const span =
    page ?? (kind < 5 ? { start: 4, end: bytes.length } : { start: Math.floor(bytes.length * 0.7), end: bytes.length })
  for (let count = 1 + random(8); count > 0; count--) {
    const at = span.start + random(span.end - span.start)
    if (at < span.end) changed[at] = kind === 3 ? [0, 255, 127, 128][random(4)]! : random(256)
  }
  return { bytes: changed, isInPage: page !== undefined }
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed + 1
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below)
  }
}
