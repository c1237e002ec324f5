import { expect, test } from 'vitest'
import { codecPropertyNames } from './codec-name'

test('The codecs of a file have the names of the table property, each once and in one order', () => {
  expect(codecPropertyNames(['zstd', 'lz4_raw', 'zstd', 'gzip'])).toBe('gzip, lz4, zstd')
  expect(codecPropertyNames(['gzip, zstd', 'lz4'])).toBe('gzip, hadoop-lz4, zstd')
  expect(codecPropertyNames([])).toBe('')
})
