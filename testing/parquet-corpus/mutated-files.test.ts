import { beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { readFooter } from '@/lib/parquet/footer'
import { readPageHeader } from '@/lib/parquet/page'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { CORPUS, readCorpusFile } from './corpus-files'

/**
 * Damaged files: parts of the corpus with bytes changed, removed or added, the same ones in each run. Each gives rows or
 * an error that names the file, within limits of time and memory. No row is wrong if only a page with a checksum is
 * damaged.
 */

const ROUNDS = 40
const MUTATIONS_PER_ROUND = 50
/** Far more than a file of this size takes on a busy machine; a reader that hangs takes longer. */
const MAX_MS_PER_FILE = 20_000
const MAX_GROWTH_KIB = 1024 * 1024

type Original = { name: string; bytes: Uint8Array; rows: string; pages: readonly Span[] | null }
type Span = { start: number; end: number }

describe('A damaged Parquet file', () => {
  let originals: Original[]
  beforeAll(async () => {
    originals = await Promise.all(CORPUS.map(readOriginal))
  })

  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'gives rows or a clear error, round %i',
    async (round) => {
      const random = createRandom(round)
      const peakKib = process.resourceUsage().maxRSS
      for (let i = 0; i < MUTATIONS_PER_ROUND; i++) {
        const original = originals[(round + i) % originals.length]
        if (!original) throw new Error('the corpus is empty')
        const { bytes, isInPage } = mutate(original, random)
        const startedAt = performance.now()
        const outcome = await describeOutcome(original, bytes)
        const what = `round ${round}, mutation ${i} of ${original.name}`
        expect(performance.now() - startedAt, what).toBeLessThan(MAX_MS_PER_FILE)
        expect(isInPage ? ['the same rows', 'a clear error'] : CLEAR_OUTCOMES, what).toContain(outcome)
      }
      expect(process.resourceUsage().maxRSS - peakKib).toBeLessThan(MAX_GROWTH_KIB)
    },
  )
})

const CLEAR_OUTCOMES = ['the same rows', 'other rows', 'a clear error']

/** @returns one of {@link CLEAR_OUTCOMES}, or what else was thrown */
async function describeOutcome({ name, rows }: Original, bytes: Uint8Array): Promise<string> {
  try {
    return (await readRows(name, bytes)) === rows ? 'the same rows' : 'other rows'
  } catch (error) {
    return error instanceof AppError && error.message.includes(name)
      ? 'a clear error'
      : `an unclear error: ${String(error)}`
  }
}

async function readOriginal(name: string): Promise<Original> {
  const bytes = readCorpusFile(name)
  return { name, bytes, rows: await readRows(name, bytes), pages: await findCheckedPages(name, bytes) }
}

/** All rows as text. */
async function readRows(name: string, bytes: Uint8Array): Promise<string> {
  const columns = await readWholeFile(name, bytes, pageCodecs)
  return JSON.stringify(
    columns.map(({ field, values }) => [field.name, values.map((value) => toExactValue(field.type, value))]),
  )
}

/** The bytes of all pages, if they all have a checksum. */
async function findCheckedPages(name: string, bytes: Uint8Array): Promise<Span[] | null> {
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

type Random = (below: number) => number

function mutate({ bytes, pages }: Original, random: Random): { bytes: Uint8Array; isInPage: boolean } {
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
function createRandom(seed: number): Random {
  let state = seed + 1
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below)
  }
}
