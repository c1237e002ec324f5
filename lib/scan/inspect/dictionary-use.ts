import type { ColumnChunk, Encoding, StoredEncoding } from '@/lib/parquet/footer'

/**
 * How far a column chunk uses a dictionary. `given-up`: the writer began with one and continued without it, mostly
 * because the dictionary became too large. `unknown`: the footer does not say, and the headers of the pages do.
 */
export type DictionaryUse = 'none' | 'all' | 'given-up' | 'unknown'

const DICTIONARY_ENCODINGS: ReadonlySet<StoredEncoding> = new Set(['PLAIN_DICTIONARY', 'RLE_DICTIONARY'])
/** Encodings of levels, and PLAIN of the dictionary's own page, which do not depend on how values are encoded. */
const OTHER_ENCODINGS: ReadonlySet<StoredEncoding> = new Set(['RLE', 'BIT_PACKED', 'PLAIN'])

/**
 * By the counts of pages in the footer, otherwise by its list of encodings.
 *
 * Spec: parquet-format, `parquet.thrift`, *PageEncodingStats*.
 */
export function dictionaryUse({
  encodings,
  isAllDictionary,
}: Pick<ColumnChunk, 'encodings' | 'isAllDictionary'>): DictionaryUse {
  if (!encodings.some((encoding) => DICTIONARY_ENCODINGS.has(encoding))) return 'none'
  if (isAllDictionary !== null) return isAllDictionary ? 'all' : 'given-up'
  const others = encodings.filter((encoding) => !DICTIONARY_ENCODINGS.has(encoding))
  if (others.some((encoding) => !OTHER_ENCODINGS.has(encoding))) return 'given-up'
  // PLAIN may be the encoding of the dictionary itself, or of pages after it.
  return others.includes('PLAIN') ? 'unknown' : 'all'
}

type PageEncoding = { kind: 'dictionary' | 'data'; encoding: Encoding | null }

/**
 * Where a chunk gave up its dictionary, by the headers of its pages.
 *
 * @returns the index of the first data page without the dictionary, and that page's encoding; null if there is none
 */
export function dictionaryEnd(pages: readonly PageEncoding[]): { pageIndex: number; encoding: Encoding } | null {
  if (pages[0]?.kind !== 'dictionary') return null
  const data = pages.filter(({ kind }) => kind === 'data')
  const pageIndex = data.findIndex(({ encoding }) => encoding !== null && !DICTIONARY_ENCODINGS.has(encoding))
  const encoding = data[pageIndex]?.encoding ?? null
  return encoding === null ? null : { pageIndex, encoding }
}
