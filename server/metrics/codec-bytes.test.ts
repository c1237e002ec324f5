import { expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { createTestStores } from '@/testing/stores/test-stores'
import { bytesByCodec } from './codec-bytes'
import { toColumnCompression } from './column-compression'
import { sampleMeasuredFile } from '@/testing/metrics/sample-measured-file'

const stores = createTestStores()

const metadata = sampleMetadata()

it('takes the whole file where all its columns share a codec', () => {
  const files = [sampleMeasuredFile({ storedBytes: 100, codecs: { date: 'zstd', origin: 'zstd' } })]
  expect(bytesByCodec(files, metadata)).toEqual([{ codec: 'zstd', storedBytes: 100 }])
})

it('parts a file by column where codecs differ, in the words of the property', () => {
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

it('calls mixed what it cannot tell apart', () => {
  const file = sampleMeasuredFile({ storedBytes: 100, codecs: { date: 'zstd', origin: 'gzip' } })
  expect(bytesByCodec([file], metadata)).toEqual([{ codec: 'mixed', storedBytes: 100 }])
})

it('counts plain bytes of columns with values of one width, and leaves the others open', () => {
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
