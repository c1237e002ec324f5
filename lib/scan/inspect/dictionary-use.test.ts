import { describe, expect, it } from 'vitest'
import type { ColumnChunk } from '@/lib/parquet/footer'
import { dictionaryEnd, dictionaryUse } from './dictionary-use'

type Facts = Pick<ColumnChunk, 'encodings' | 'isAllDictionary'>

describe('The dictionary of a column chunk', () => {
  it.each<[string, Facts, string]>([
    ['is none without an encoding by it', { encodings: ['PLAIN', 'RLE'], isAllDictionary: false }, 'none'],
    ['is of all pages by their counts', { encodings: ['PLAIN', 'RLE_DICTIONARY'], isAllDictionary: true }, 'all'],
    [
      'was given up by the counts of pages',
      { encodings: ['PLAIN', 'RLE_DICTIONARY'], isAllDictionary: false },
      'given-up',
    ],
    [
      'is of all pages without another encoding',
      { encodings: ['PLAIN_DICTIONARY', 'RLE', 'BIT_PACKED'], isAllDictionary: null },
      'all',
    ],
    [
      'was given up when values have another encoding',
      { encodings: ['RLE_DICTIONARY', 'PLAIN', 'DELTA_BYTE_ARRAY'], isAllDictionary: null },
      'given-up',
    ],
    [
      'is unknown when PLAIN may be its own encoding',
      { encodings: ['RLE_DICTIONARY', 'PLAIN', 'RLE'], isAllDictionary: null },
      'unknown',
    ],
  ])('%s', (_what, facts, use) => {
    expect(dictionaryUse(facts)).toBe(use)
  })

  it('ends at the first page without it', () => {
    const dictionary = { kind: 'dictionary', encoding: 'PLAIN' } as const
    const page = { kind: 'data', encoding: 'RLE_DICTIONARY' } as const
    const plain = { kind: 'data', encoding: 'PLAIN' } as const
    expect(dictionaryEnd([dictionary, page, plain, plain])).toEqual({ pageIndex: 1, encoding: 'PLAIN' })
    expect(dictionaryEnd([dictionary, page])).toBeNull()
    expect(dictionaryEnd([plain])).toBeNull()
    expect(dictionaryEnd([dictionary, { kind: 'data', encoding: null }])).toBeNull()
  })
})
