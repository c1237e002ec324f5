import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { compareBytes } from '@/lib/compare-bytes'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
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

  const utf8 = (text: string) => new TextEncoder().encode(text)
  type Bounds = { lower?: Uint8Array; upper?: Uint8Array }
  const withPaths = ({ lower, upper }: Bounds): Partial<DataFile> => {
    const bound = (path: Uint8Array | undefined) => new Map(path === undefined ? [] : [[DELETE_FILE_PATH_ID, path]])
    return { metrics: { ...EMPTY_METRICS, lowerBounds: bound(lower), upperBounds: bound(upper) } }
  }

  test('apply when the bounds of their paths contradict each other, or are truncated', () => {
    const path = 's3://lake/demo/données/data/a.parquet'
    const applies = (lower: string, upper: string, at = path) =>
      find([positions('p', 2, withPaths({ lower: utf8(lower), upper: utf8(upper) }))], entry(at, 1)).positions.length
    expect(applies('s3://z', 's3://a'), 'the lower is above the upper').toBe(1)
    expect(applies('s3://lake/demo/d', 's3://lake/demo/d'), 'equal after 16 bytes').toBe(1)
    expect(applies('s3://lake/a', 's3://lake/demo/d'), 'an upper that was not incremented').toBe(1)
    expect(applies('', ''), 'nothing is left of them').toBe(1)
    expect(applies('s3://lake/demo/e', 's3://lake/demo/e')).toBe(0)
    expect(applies(path, path)).toBe(1)
    expect(applies(path, path, `${path}2`), 'a longer path in the same partition').toBe(1)
    // Within a character: the two bytes of “é” are apart.
    const cut = withPaths({ lower: utf8(path).slice(0, 19), upper: utf8(path).slice(0, 19) })
    expect(find([positions('p', 2, cut)], entry(path, 1)).positions).toEqual(['p'])
    expect(find([positions('p', 2, { ...cut, specId: 1, partition: [1] })], entry(path, 1)).positions).toEqual([])
  })

  test('are found for every path in them, in whichever way a writer has truncated or mixed up the bounds', () => {
    const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '𝄞'), maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    })
    const cut = (bytes: Uint8Array, length: number) => bytes.slice(0, length)
    const WAYS: readonly ((least: Uint8Array, greatest: Uint8Array, length: number) => Bounds)[] = [
      (lower, upper) => ({ lower, upper }),
      (least, greatest, length) => ({ lower: cut(least, length), upper: cut(greatest, length) }),
      (least, upper, length) => ({ lower: cut(least, length), upper }),
      (lower, greatest, length) => ({ lower, upper: cut(greatest, length) }),
      (least, greatest) => ({ lower: greatest, upper: least }),
      (lower) => ({ lower }),
      (_, upper) => ({ upper }),
      () => ({}),
    ]
    fc.assert(
      fc.property(names, fc.constantFrom(...WAYS), fc.nat(12), (paths, toBounds, length) => {
        const sorted = paths.map(utf8).sort(compareBytes)
        const [least, greatest] = [sorted[0], sorted.at(-1)]
        if (!least || !greatest) return
        const deletes = [positions('p', 2, withPaths(toBounds(least, greatest, length)))]
        expect(paths.filter((path) => find(deletes, entry(path, 1)).positions.length === 0)).toEqual([])
      }),
      propertyRuns(2_000),
    )
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

describe('Deletes by equality whose bounds exclude the data file', () => {
  type Column = { type: PrimitiveType; lower?: Value; upper?: Value; nulls?: number; recordCount?: number }

  const withKeys = ({ type, lower, upper, nulls, recordCount = 10 }: Column): Partial<DataFile> => {
    const bound = (value: Value | undefined) =>
      new Map(value === undefined ? [] : [[1, encodeSingleValue(type, value)]])
    const nullValueCounts = new Map(nulls === undefined ? [] : [[1, nulls]])
    return {
      recordCount,
      metrics: { ...EMPTY_METRICS, lowerBounds: bound(lower), upperBounds: bound(upper), nullValueCounts },
    }
  }
  const applies = (type: PrimitiveType, data: Omit<Column, 'type'>, deleted: Omit<Column, 'type'>): boolean => {
    const index = new DeleteIndex([keys('k', 2, withKeys({ type, ...deleted }))], [UNPARTITIONED], new Map([[1, type]]))
    return index.find(entry('a', 1, withKeys({ type, ...data }))).equalityDeletes.length === 1
  }

  test('are left out, on either side', () => {
    const data = { lower: 10n, upper: 20n, nulls: 0 }
    const deletedUpTo = (upper: bigint) => applies('long', data, { lower: 0n, upper, nulls: 0 })
    expect([9n, 10n, 11n].map(deletedUpTo)).toEqual([false, true, true])
    const deletedFrom = (lower: bigint) => applies('long', data, { lower, upper: 99n, nulls: 0 })
    expect([19n, 20n, 21n].map(deletedFrom)).toEqual([true, true, false])
  })

  test('apply when both might have nulls, because a null equals a null', () => {
    const [low, high] = [
      { lower: 1, upper: 2 },
      { lower: 8, upper: 9 },
    ]
    expect(applies('int', { ...low, nulls: 1 }, { ...high, nulls: 1 })).toBe(true)
    expect(applies('int', low, high)).toBe(true)
    expect(applies('int', { ...low, nulls: 1 }, { ...high, nulls: 0 })).toBe(false)
    expect(applies('int', { nulls: 10 }, { nulls: 0 })).toBe(false)
    expect(applies('int', { nulls: 0 }, { nulls: 10 })).toBe(false)
  })

  test('apply when a truncated bound was not incremented', () => {
    const deleted = { lower: 'abcd', upper: 'abce', nulls: 0 }
    expect(applies('string', { lower: 'a', upper: 'abc', nulls: 0 }, deleted)).toBe(true)
    expect(applies('string', { lower: 'a', upper: 'abb', nulls: 0 }, deleted)).toBe(false)
  })

  test('apply when bounds say nothing: of floats, of UUIDs, contradictory or missing ones', () => {
    expect(applies('double', { lower: 1, upper: 2, nulls: 0 }, { lower: 8, upper: 9, nulls: 0 })).toBe(true)
    const uuid = (digit: string) => `${digit.repeat(8)}-0000-0000-0000-000000000000`
    const data = { lower: uuid('1'), upper: uuid('2'), nulls: 0 }
    expect(applies('uuid', data, { lower: uuid('8'), upper: uuid('9'), nulls: 0 })).toBe(true)
    expect(applies('int', { lower: 2, upper: 1, nulls: 0 }, { lower: 8, upper: 9, nulls: 0 })).toBe(true)
    expect(applies('int', { nulls: 0 }, { lower: 8, upper: 9, nulls: 0 })).toBe(true)
  })

  test('apply when a count of nothing but nulls contradicts them, on either side', () => {
    const [range, none] = [
      { lower: 8, upper: 9, nulls: 0 },
      { lower: 8, upper: 9, nulls: 10 },
    ]
    expect([applies('int', none, range), applies('int', range, none)]).toEqual([true, true])
  })
})
