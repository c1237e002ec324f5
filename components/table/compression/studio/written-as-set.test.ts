import { expect, it } from 'vitest'
import type { StoredColumn } from '@/lib/contract/table/compression'
import { encodingLabel, writtenShares } from './written-as-set'

const COLUMN: StoredColumn = {
  fieldId: 1,
  column: ['a'],
  type: 'string',
  plainBytes: 400,
  isPlainEstimated: false,
  encodedBytes: 200,
  storedBytes: 100,
  codecs: [
    { codec: 'zstd', storedBytes: 75 },
    { codec: 'snappy', storedBytes: 25 },
  ],
  encodings: ['RLE_DICTIONARY', 'PLAIN'],
  hasDictionary: true,
  hasDictionaryFallback: true,
  pages: null,
}

it('separates what is written as set from the rest', () => {
  expect(writtenShares(COLUMN, 'zstd')).toEqual({ asSetShare: 0.75, others: [{ codec: 'snappy', share: 0.25 }] })
  expect(writtenShares(COLUMN, 'gzip')).toMatchObject({
    asSetShare: 0,
    others: [{ codec: 'zstd' }, { codec: 'snappy' }],
  })
  expect(writtenShares({ ...COLUMN, codecs: [], storedBytes: 0 }, 'zstd')).toEqual({ asSetShare: null, others: [] })
})

it('names encodings, and a dictionary that was given up', () => {
  expect(encodingLabel(COLUMN)).toBe('DICT, then PLAIN')
  expect(encodingLabel({ ...COLUMN, hasDictionaryFallback: false, encodings: ['RLE_DICTIONARY'] })).toBe('DICT')
  const plain = { ...COLUMN, hasDictionary: false, hasDictionaryFallback: false, encodings: ['DELTA_BINARY_PACKED'] }
  expect(encodingLabel(plain)).toBe('DELTA_BINARY_PACKED')
})
