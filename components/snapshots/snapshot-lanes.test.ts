import { expect, it } from 'vitest'
import type { Snapshot } from '@/lib/contract/snapshots'
import { rollbackSteps, snapshotLanes } from './snapshot-lanes'

it('keeps main in the first lane and a branch next to it until their common snapshot', () => {
  const lanes = snapshotLanes([
    snapshot('4', '2', true),
    snapshot('3', '2', false),
    snapshot('2', '1', true),
    snapshot('1', null, true),
  ])
  expect(lanes.get('4')).toMatchObject({ index: 0, hasChildAbove: false, hasParentBelow: true })
  expect(lanes.get('3')).toMatchObject({ index: 1, passing: [0] })
  expect(lanes.get('2')).toMatchObject({ index: 0, joins: [1], hasChildAbove: true })
  expect(lanes.get('1')).toMatchObject({ index: 0, hasParentBelow: false, passing: [] })
})

it('draws commits that are no longer on main in the next lane', () => {
  const lanes = snapshotLanes([snapshot('3', '2', false), snapshot('2', '1', false), snapshot('1', null, true)])
  expect([...lanes.values()].map(({ index }) => index)).toEqual([1, 1, 0])
  expect(lanes.get('1')).toMatchObject({ joins: [1], hasChildAbove: false, hasParentBelow: false })
})

it('ends a lane when the parent has expired', () => {
  const lanes = snapshotLanes([snapshot('9', '8', true)])
  expect(lanes.get('9')).toMatchObject({ hasParentBelow: false, hasChildAbove: false })
})

it('marks what a rollback would leave, and its target', () => {
  const listed = [
    snapshot('5', '3', true),
    snapshot('4', '2', false),
    snapshot('3', '2', true),
    snapshot('2', '1', true),
    snapshot('1', null, true),
  ]
  const steps = rollbackSteps(listed, { fromSnapshotId: '5', toSnapshotId: '2' })
  expect([...steps]).toEqual([
    ['5', { kind: 'left', isAboveLeft: false, isBelowLeft: true }],
    ['4', { kind: 'other', isAboveLeft: true, isBelowLeft: true }],
    ['3', { kind: 'left', isAboveLeft: true, isBelowLeft: true }],
    ['2', { kind: 'target', isAboveLeft: true, isBelowLeft: false }],
  ])
  expect(rollbackSteps(listed, { fromSnapshotId: '5', toSnapshotId: '9' }).size).toBe(0)
})

function snapshot(snapshotId: string, parentSnapshotId: string | null, isOnMain: boolean): Snapshot {
  const none = { added: null, removed: null }
  return {
    snapshotId,
    parentSnapshotId,
    sequenceNumber: 1,
    committedAtMs: 0,
    operation: 'append',
    writer: null,
    schemaId: 0,
    summary: {},
    refs: [],
    isOnMain,
    rows: none,
    files: none,
    bytes: none,
  }
}
