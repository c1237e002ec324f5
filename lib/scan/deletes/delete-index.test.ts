import { describe, expect, test } from 'vitest'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { DeleteIndex } from './delete-index'
import { DELETE_FILE_PATH_ID } from './position-deletes'

const UNPARTITIONED: PartitionSpec = { specId: 0, fields: [] }
const BY_DAY: PartitionSpec = {
  specId: 1,
  fields: [{ sourceId: 1, fieldId: 1000, name: 'day', transform: 'day' }],
}

function entry(filePath: string, sequenceNumber: number, overrides: Partial<DataFile> = {}): ManifestEntry {
  return {
    status: 'added',
    snapshotId: '1',
    sequenceNumber,
    fileSequenceNumber: sequenceNumber,
    dataFile: sampleDataFile(filePath, overrides),
  }
}
const positions = (path: string, sequenceNumber: number, overrides: Partial<DataFile> = {}) =>
  entry(path, sequenceNumber, { content: 'position-deletes', ...overrides })
const keys = (path: string, sequenceNumber: number, overrides: Partial<DataFile> = {}) =>
  entry(path, sequenceNumber, { content: 'equality-deletes', equalityIds: [1], ...overrides })
const vector = (path: string, sequenceNumber: number, referencedDataFile: string) =>
  positions(path, sequenceNumber, { fileFormat: 'puffin', referencedDataFile })

/** The paths of the delete files that apply. */
function find(deletes: readonly ManifestEntry[], data: ManifestEntry) {
  const found = new DeleteIndex(deletes, [UNPARTITIONED, BY_DAY]).find(data)
  const pathsOf = (entries: readonly ManifestEntry[]) => entries.map(({ dataFile }) => dataFile.filePath)
  return {
    vector: found.deletionVector?.dataFile.filePath ?? null,
    positions: pathsOf(found.positionDeletes),
    keys: pathsOf(found.equalityDeletes),
  }
}

describe('Deletes by position', () => {
  test('apply to files of the same commit and of earlier ones, deletes by equality only to earlier ones', () => {
    const deletes = [4, 5, 6].flatMap((sequence) => [
      positions(`p${sequence}`, sequence),
      keys(`k${sequence}`, sequence),
    ])
    expect(find(deletes, entry('a', 5))).toEqual({ vector: null, positions: ['p5', 'p6'], keys: ['k6'] })
  })

  test('apply in their own partition, or to the file that they name', () => {
    const deletes = [
      positions('monday', 2, { specId: 1, partition: [11] }),
      positions('tuesday', 2, { specId: 1, partition: [12] }),
      positions('null', 2, { specId: 1, partition: [null] }),
      positions('of-a', 2, { specId: 1, partition: [11], referencedDataFile: 'a' }),
      positions('of-b', 2, { specId: 1, partition: [11], referencedDataFile: 'b' }),
    ]
    expect(find(deletes, entry('a', 1, { specId: 1, partition: [11] })).positions).toEqual(['of-a', 'monday'])
    expect(find(deletes, entry('c', 1, { specId: 1, partition: [null] })).positions).toEqual(['null'])
    expect(find(deletes, entry('d', 1)).positions).toEqual([])
  })

  test('are left out when the bounds of their paths exclude the file', () => {
    const bound = (text: string) => new Map([[DELETE_FILE_PATH_ID, new TextEncoder().encode(text)]])
    const metrics = { ...EMPTY_METRICS, lowerBounds: bound('s3://b/c'), upperBounds: bound('s3://b/e') }
    const deletes = [positions('p', 2, { metrics })]
    expect(
      ['s3://b/b', 's3://b/c', 's3://b/d', 's3://b/e', 's3://b/f'].map(
        (path) => find(deletes, entry(path, 1)).positions.length,
      ),
    ).toEqual([0, 1, 1, 1, 0])
  })

  test('are replaced by a deletion vector, of which a file has one', () => {
    const deletes = [positions('p', 2), vector('v', 3, 'a'), keys('k', 3)]
    expect(find(deletes, entry('a', 1))).toEqual({ vector: 'v', positions: [], keys: ['k'] })
    expect(find(deletes, entry('b', 1))).toEqual({ vector: null, positions: ['p'], keys: ['k'] })
    expect(() => new DeleteIndex([vector('v', 3, 'a'), vector('w', 4, 'a')], [])).toThrow(
      'Two deletion vectors apply to a, but at most one may.',
    )
  })
})

test('Deletes by equality apply in their partition, those of an unpartitioned spec in all', () => {
  const deletes = [keys('all', 3), keys('monday', 3, { specId: 1, partition: [11] })]
  expect(find(deletes, entry('a', 1, { specId: 1, partition: [11] })).keys).toEqual(['all', 'monday'])
  expect(find(deletes, entry('b', 1, { specId: 1, partition: [12] })).keys).toEqual(['all'])
})
