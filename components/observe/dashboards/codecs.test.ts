import { expect, it } from 'vitest'
import { codecMatrix } from './codecs'

const table = (configuredCodec: string | null, written: Record<string, number>) => ({
  configuredCodec,
  fileCount: 2,
  unknownCount: 1,
  codecs: Object.entries(written).map(([codec, storedBytes]) => ({ codec, storedBytes })),
})

it('compares the set codec with the written codecs', () => {
  const { rows, codecs, asSetShare } = codecMatrix([
    table('zstd', { zstd: 60, snappy: 20 }),
    table('zstd', { zstd: 10 }),
    table('snappy', { snappy: 10 }),
    table(null, { gzip: 50 }),
  ])
  expect(codecs).toEqual(['zstd', 'snappy', 'gzip'])
  expect(rows.map(({ set, tableCount, totalBytes }) => [set, tableCount, totalBytes])).toEqual([
    ['zstd', 2, 90],
    ['snappy', 1, 10],
    ['not set', 1, 50],
  ])
  expect(rows[0]?.written.get('snappy')).toBe(20)
  expect(rows[0]?.files).toEqual({ measuredCount: 2, fileCount: 4 })
  expect(asSetShare).toBe(0.8)
})

it('gives no share when no table sets a codec', () => {
  expect(codecMatrix([table(null, { zstd: 5 })]).asSetShare).toBeNull()
})

it('reads none as uncompressed, as engines do', () => {
  expect(codecMatrix([table('none', { uncompressed: 5 })]).asSetShare).toBe(1)
})
