import { expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { createTestStores } from '@/testing/stores/test-stores'
import { bytesByCodec } from './codec-bytes'
import { toColumnCompression } from './column-compression'
import { sampleMeasuredFile } from '@/testing/metrics/sample-measured-file'

const stores = createTestStores()

const metadata = sampleMetadata()

it('counts the whole file when all its columns share a codec', () => {
  const files = [sampleMeasuredFile({ storedBytes: 100, codecs: { date: 'zstd', origin: 'zstd' } })]
  expect(bytesByCodec(files, metadata)).toEqual([{ codec: 'zstd', storedBytes: 100 }])
})

it('splits a file by column when codecs differ, with the names of the property', () => {
  const file = sampleMeasuredFile({
    storedBytes: 100,
    codecs: { date: 'lz4_raw', origin: 'gzip' },
    columnSizesBytes: [
      [1, 30],
      [2, 60],
    ],
  })
  expect(bytesByCodec([file], metadata)).toEqual([
    { codec: 'gzip', storedBytes: 60 },
    { codec: 'lz4', storedBytes: 30 },
    { codec: 'mixed', storedBytes: 10 },
  ])
})

it('reports as mixed what it cannot split', () => {
  const file = sampleMeasuredFile({ storedBytes: 100, codecs: { date: 'zstd', origin: 'gzip' } })
  expect(bytesByCodec([file], metadata)).toEqual([{ codec: 'mixed', storedBytes: 100 }])
})

it('counts plain bytes of fixed-width columns, and leaves the others unknown', () => {
  const file = sampleMeasuredFile({
    storedBytes: 100,
    codecs: { date: 'zstd', origin: 'zstd' },
    columnSizesBytes: [
      [1, 30],
      [2, 60],
    ],
    valueCounts: [
      [1, 10],
      [2, 10],
    ],
    nullValueCounts: [[1, 2]],
  })
  const columns = toColumnCompression(
    {
      identifier: { catalog: 'lake', namespace: ['demo'], table: 't' },
      metadata,
      metadataLocation: '',
      store: stores.storeFor({ kind: 'local', roots: [] }),
    },
    [file],
  )
  expect(columns.map(({ column, storedBytes, plainBytes, codec }) => [column, storedBytes, plainBytes, codec])).toEqual(
    [
      ['date', 30, 64, 'zstd'],
      ['origin', 60, null, 'zstd'],
      ['route', 0, null, null],
    ],
  )
})
