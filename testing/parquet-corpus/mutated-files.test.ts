import { beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { propertySeeds } from '@/testing/property-cases'
import { CORPUS, readCorpusFile } from './corpus-files'
import { createRandom, findCheckedPages, mutate, type Span } from './mutate-file'

/**
 * Damaged files: parts of the corpus with bytes changed, removed or added. Each gives rows or
 * an error that names the file, within limits of time and memory. No row is wrong if only a page with a checksum is
 * damaged.
 */

const ROUNDS = 40
const MUTATIONS_PER_ROUND = 50
/** Far more than a file of this size needs on a busy machine; a reader that hangs needs longer. */
const MAX_MS_PER_FILE = 20_000
const MAX_GROWTH_KIB = 1024 * 1024

type Original = { name: string; bytes: Uint8Array; rows: string; pages: readonly Span[] | null }

describe('A damaged Parquet file', () => {
  let originals: Original[]
  beforeAll(async () => {
    originals = await Promise.all(CORPUS.map(readOriginal))
  })

  test.each(propertySeeds(ROUNDS))('gives rows or a clear error, from the seed %i', async (seed) => {
    const random = createRandom(seed)
    const peakKib = process.resourceUsage().maxRSS
    for (let i = 0; i < MUTATIONS_PER_ROUND; i++) {
      const original = originals[(seed + i) % originals.length]
      if (!original) throw new Error('the corpus is empty')
      const { bytes, isInPage } = mutate(original, random)
      const startedAt = performance.now()
      const outcome = await describeOutcome(original, bytes)
      const what = `seed ${seed}, mutation ${i} of ${original.name}`
      expect(performance.now() - startedAt, what).toBeLessThan(MAX_MS_PER_FILE)
      expect(isInPage ? ['the same rows', 'a clear error'] : CLEAR_OUTCOMES, what).toContain(outcome)
    }
    expect(process.resourceUsage().maxRSS - peakKib).toBeLessThan(MAX_GROWTH_KIB)
  })
})

const CLEAR_OUTCOMES = ['the same rows', 'other rows', 'a clear error']

/** @returns one of {@link CLEAR_OUTCOMES}, or any other error */
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
