import { expect, it } from 'vitest'
import { aheadCounts } from './ahead-counts'

const LINES = [
  ['5', '4'],
  ['1', null],
  ['4', '3'],
  ['3', '2'],
  ['2', '1'],
  ['9', '2'],
  ['7', '8'],
  ['8', '7'],
  ['6', '0'],
] as const
const SNAPSHOTS = LINES.map(([snapshotId, parentSnapshotId]) => ({ snapshotId, parentSnapshotId }))

it('counts the snapshots after a tip, in any order of the list', () => {
  expect(Object.fromEntries(aheadCounts(SNAPSHOTS, '3'))).toEqual({ 3: 0, 4: 1, 5: 2 })
  expect(Object.fromEntries(aheadCounts(SNAPSHOTS.toReversed(), '2'))).toEqual({ 2: 0, 3: 1, 4: 2, 5: 3, 9: 1 })
})

it('finds none without a tip, and ends with parents that are gone or go round', () => {
  expect(aheadCounts(SNAPSHOTS, null).size).toBe(0)
  expect(Object.fromEntries(aheadCounts(SNAPSHOTS, '0'))).toEqual({ 0: 0, 6: 1 })
})
