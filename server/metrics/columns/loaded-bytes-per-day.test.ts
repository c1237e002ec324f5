import { expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { loadedBytesPerDay } from './loaded-bytes-per-day'

const DAY_MS = 86_400_000
const START_MS = sampleSnapshot(0).timestampMs

const added = (index: 0 | 1 | 2 | 3, bytes: number, overrides: Partial<Snapshot['summary']> = {}) =>
  sampleSnapshot(index, {
    summary: { operation: 'append', 'engine-name': 'Lakeshore', 'added-files-size': String(bytes), ...overrides },
  })

it('The growth of a table is what snapshots of main added, over the days since the first of them', () => {
  const metadata = sampleMetadata({ snapshots: [added(0, 100), added(1, 200), added(2, 300), added(3, 400)] })
  expect(loadedBytesPerDay(metadata, START_MS + 4 * DAY_MS)).toBe(250)
})

it('The growth of a table counts the whole window when the table is older', () => {
  const metadata = sampleMetadata({ snapshots: [added(0, 1e9), added(1, 200), added(2, 300), added(3, 400)] })
  expect(loadedBytesPerDay(metadata, START_MS + 30.5 * DAY_MS)).toBe(30)
})

it('The growth of a table does not count files that replace others', () => {
  const replaced = added(2, 1e9, { operation: 'replace' })
  const metadata = sampleMetadata({ snapshots: [added(0, 100), added(1, 200), replaced, added(3, 400)] })
  expect(loadedBytesPerDay(metadata, START_MS + 4 * DAY_MS)).toBe(175)
})

it('The growth of a table counts loads of Lakeshore only, because others do not follow settings of columns', () => {
  const bySpark = added(2, 1e9, { 'engine-name': 'spark' })
  const metadata = sampleMetadata({ snapshots: [added(0, 100), added(1, 200), bySpark, added(3, 400)] })
  expect(loadedBytesPerDay(metadata, START_MS + 4 * DAY_MS)).toBe(175)
  const others = ([0, 1, 2, 3] as const).map((index) => added(index, 100, { 'engine-name': 'spark' }))
  expect(loadedBytesPerDay(sampleMetadata({ snapshots: others }), START_MS + 4 * DAY_MS)).toBeNull()
})

it('The growth of a table is unknown without two snapshots, or when one does not say what it added', () => {
  expect(loadedBytesPerDay(sampleMetadata({ snapshots: [] }), START_MS)).toBeNull()
  expect(loadedBytesPerDay(sampleMetadata(), START_MS + 4 * DAY_MS)).toBeNull()
})
