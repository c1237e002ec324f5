import { describe, expect, it } from 'vitest'
import { codecLevelRange, levelProblem, tableCompression } from './compression'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const CODEC = 'write.parquet.compression-codec'
const LEVEL = 'write.parquet.compression-level'

describe('the compression of new files', () => {
  it.each([
    [{}, { codec: 'zstd', level: null }],
    [{ [CODEC]: 'snappy' }, { codec: 'snappy', level: null }],
    [
      { [CODEC]: 'ZSTD', [LEVEL]: '9' },
      { codec: 'zstd', level: 9 },
    ],
    [{ [LEVEL]: '22' }, { codec: 'zstd', level: 22 }],
    [
      { [CODEC]: 'lz4', [LEVEL]: '9' },
      { codec: 'lz4', level: null },
    ],
    [{ [CODEC]: 'uncompressed' }, { codec: 'uncompressed', level: null }],
  ])('is determined by the table’s properties: %o', (properties, compression) => {
    expect(tableCompression(properties)).toEqual(compression)
  })
  it.each([
    { [CODEC]: 'lzo' },
    { [LEVEL]: '99' },
    { [LEVEL]: '-1' },
    { [LEVEL]: 'high' },
    { [CODEC]: 'gzip', [LEVEL]: '10' },
  ])('is refused when it is not supported: %o', (properties) => {
    expect(catchAppError(() => tableCompression(properties)).code).toBe('not-supported')
  })
})

it('knows the levels of each codec', () => {
  expect(codecLevelRange('zstd')).toMatchObject({ min: 1, max: 22 })
  expect(codecLevelRange('snappy')).toBeNull()
  expect(levelProblem('brotli', '11')).toBeNull()
  expect(levelProblem('brotli', '12')).toBe('should be a whole number from 0 to 11 for brotli')
})
