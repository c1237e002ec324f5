import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { expiryStrip, MAX_STRIP_MARKS } from './expiry-strip'
import { retainedSnapshots } from './retained-snapshots'

const [first, second, , fourth] = SAMPLE_SNAPSHOT_IDS
const METADATA = sampleMetadata({
  refs: { main: { snapshotId: fourth, type: 'branch' }, hold: { snapshotId: second, type: 'tag' } },
})
const REQUEST = { nowMs: 9_000_000_000_000, retainLast: 1, olderThanMs: 9_000_000_000_000 }

it('The strip has a mark for each snapshot, oldest first, with what keeps it and the refs at it', () => {
  const strip = expiryStrip(METADATA, retainedSnapshots(METADATA, REQUEST))
  expect(strip.map(({ main, others, removed }) => [main, others, removed])).toEqual([
    [0, 0, 1],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ])
  expect(strip.map(({ refs }) => refs.map(({ name }) => name))).toEqual([[], ['hold'], [], ['main']])
  expect(strip.every(({ fromMs, toMs }) => fromMs === toMs)).toBe(true)
})

it('The strip groups the snapshots of a large table, and counts each once', () => {
  const [sample] = METADATA.snapshots
  if (sample === undefined) throw new Error('the sample has no snapshot')
  const snapshots = Array.from({ length: 10_001 }, (_, i) => ({
    ...sample,
    snapshotId: i === 0 ? first : String(i),
    timestampMs: i,
  }))
  const metadata = { ...METADATA, snapshots, refs: { main: { snapshotId: '10000', type: 'branch' as const } } }
  const strip = expiryStrip(metadata, retainedSnapshots(metadata, REQUEST))
  expect(strip.length).toBeLessThanOrEqual(MAX_STRIP_MARKS)
  expect(strip.reduce((sum, { main, others, removed }) => sum + main + others + removed, 0)).toBe(10_001)
  expect(strip[0]).toMatchObject({ fromMs: 0, removed: 251 })
  expect(strip.at(-1)).toMatchObject({ toMs: 10_000, main: 1, refs: [{ name: 'main', type: 'branch' }] })
})

it('The strip is empty for a table without snapshots', () => {
  const metadata = { ...METADATA, snapshots: [], refs: {} }
  expect(expiryStrip(metadata, retainedSnapshots(metadata, REQUEST))).toEqual([])
})
