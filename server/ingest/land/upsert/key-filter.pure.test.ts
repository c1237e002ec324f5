import { describe, expect, it } from 'vitest'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { DELETE_FILE_PATH_ID } from '@/lib/scan/deletes/position-deletes'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { findKeyColumns } from './key-columns'
import { createKeyFilter } from './key-filter'

const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [1],
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'city', required: false, type: 'string' },
  ],
} as const
const BY_KEY_AND_CITY = {
  specId: 0,
  fields: [
    { sourceId: 1, fieldId: 1000, name: 'id_bucket', transform: 'bucket[4]' },
    { sourceId: 2, fieldId: 1001, name: 'city', transform: 'identity' },
  ],
} as const
const METADATA = sampleMetadata({ schemas: [SCHEMA], currentSchemaId: 0, partitionSpecs: [BY_KEY_AND_CITY] })

function file(from: bigint, to: bigint, bucket = 1, more: Partial<DataFile> = {}): DataFile {
  const base = sampleDataFile('mem:data')
  return {
    ...base,
    partition: [bucket, 'a'],
    recordCount: 10,
    ...more,
    metrics: {
      ...base.metrics,
      valueCounts: new Map([[1, 10]]),
      nullValueCounts: new Map([[1, 0]]),
      lowerBounds: new Map([[1, encodeSingleValue('long', from)]]),
      upperBounds: new Map([[1, encodeSingleValue('long', to)]]),
    },
  }
}

function filterOf(files: readonly DataFile[]) {
  return createKeyFilter(METADATA, { keys: findKeyColumns(SCHEMA), spec: BY_KEY_AND_CITY, files })
}

describe('A data file might hold keys of a load', () => {
  it('if the ranges of the key share a value with those of one of its files', () => {
    const { mightHoldKeys } = filterOf([file(0n, 9n), file(100n, 109n)])
    const judged = [file(9n, 20n), file(10n, 99n), file(105n, 105n), file(110n, 200n)]
    expect(judged.map(mightHoldKeys)).toEqual([true, false, true, false])
  })

  it('if partition fields of the key have the same values, whatever other fields have', () => {
    const { mightHoldKeys } = filterOf([file(0n, 9n, 1)])
    const judged = [file(0n, 9n, 2), file(0n, 9n, 1, { partition: [1, 'b'] }), file(0n, 9n, 1, { partition: [2, 'a'] })]
    expect(judged.map(mightHoldKeys)).toEqual([false, true, false])
  })

  it('if its range is not known', () => {
    const { metrics } = sampleDataFile('mem:data')
    expect(filterOf([file(0n, 9n)]).mightHoldKeys({ ...file(100n, 100n), metrics })).toBe(true)
  })

  it('in one range around all, if the load has very many files', () => {
    const files = Array.from({ length: 101 }, (_, i) => file(BigInt(i * 10), BigInt(i * 10 + 1)))
    const { mightHoldKeys } = filterOf(files)
    expect([mightHoldKeys(file(5n, 5n)), mightHoldKeys(file(1_002n, 1_002n))]).toEqual([true, false])
  })
})

describe('A commit of another writer is a conflict', () => {
  const rows = filterOf([file(0n, 9n)]).toRowFilter(new Set(['mem:searched']))
  const deletes = (referencedDataFile: string | null): DataFile => ({
    ...file(0n, 9n),
    content: 'position-deletes',
    referencedDataFile,
  })

  it('if its data file might hold keys', () => {
    expect([rows.mightMatchFile(file(3n, 3n)), rows.mightMatchFile(file(30n, 30n))]).toEqual([true, false])
  })

  it('if its delete file names a file that was searched, or none', () => {
    expect(
      [deletes('mem:searched'), deletes('mem:other'), deletes(null)].map((one) => rows.mightMatchFile(one)),
    ).toEqual([true, false, true])
    const bound = (path: string) => new Map([[DELETE_FILE_PATH_ID, new TextEncoder().encode(path)]])
    const metrics = { ...EMPTY_METRICS, lowerBounds: bound('mem:se'), upperBounds: bound('mem:se') }
    expect(rows.mightMatchFile({ ...deletes(null), metrics }), 'by bounds that are truncated').toBe(true)
  })
})
