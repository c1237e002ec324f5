import { expect, it } from 'vitest'
import { listedSnapshot } from '@/testing/components/sample-snapshot'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { rollbackSteps, snapshotLanes } from './snapshot-lanes'

const indexes = (lines: readonly { index: number }[] | undefined) => lines?.map(({ index }) => index)

it('keeps main in the first lane and a branch next to it until their common snapshot', () => {
  const lanes = snapshotLanes([
    snapshot('4', '2', 'main'),
    snapshot('3', '2', 'audit'),
    snapshot('2', '1', 'main'),
    snapshot('1', null, 'main'),
  ])
  expect(lanes.get('4')).toMatchObject({ index: 0, hasChildAbove: false, hasParentBelow: true })
  expect(lanes.get('3')).toMatchObject({ index: 1, passing: [{ index: 0 }] })
  expect(lanes.get('2')).toMatchObject({ index: 0, joins: [{ index: 1 }], hasChildAbove: true })
  expect(lanes.get('1')).toMatchObject({ index: 0, hasParentBelow: false, passing: [] })
})

it('gives each branch a lane and a colour of its own, also where one left another', () => {
  const lanes = snapshotLanes([
    snapshot('6', '4', 'late'),
    snapshot('5', '3', 'early'),
    snapshot('4', '3', 'late'),
    snapshot('3', '1', 'early'),
    snapshot('2', '1', 'main'),
    snapshot('1', null, 'main'),
  ])
  expect(indexes([...lanes.values()])).toEqual([1, 2, 1, 2, 0, 0])
  expect(indexes(lanes.get('3')?.joins)).toEqual([1])
  expect(new Set([...lanes.values()].map(({ colour }) => colour)).size).toBe(3)
})

it('draws commits that no branch reaches to the right of all branches', () => {
  const lanes = snapshotLanes([
    snapshot('5', '4', null),
    snapshot('4', '2', null),
    snapshot('3', '2', 'audit'),
    snapshot('2', '1', 'main'),
    snapshot('1', null, 'main'),
  ])
  expect(indexes([...lanes.values()])).toEqual([2, 2, 1, 0, 0])
  expect(indexes(lanes.get('2')?.joins)).toEqual([2, 1])
})

it('uses a lane again once its branch has joined another', () => {
  const lanes = snapshotLanes([
    snapshot('5', '4', 'new'),
    snapshot('4', '2', 'main'),
    snapshot('3', '1', 'old'),
    snapshot('2', '1', 'main'),
    snapshot('1', null, 'main'),
  ])
  expect([lanes.get('5')?.index, lanes.get('3')?.index]).toEqual([1, 1])
})

it('ends a lane when the parent has expired or is filtered out', () => {
  const lanes = snapshotLanes([snapshot('9', '8', 'main'), snapshot('7', '6', 'audit')])
  expect(lanes.get('9')).toMatchObject({ hasParentBelow: false, hasChildAbove: false })
  expect(lanes.get('7')).toMatchObject({ index: 1, passing: [] })
})

it('draws any number of branches in a bounded width', () => {
  const tips = Array.from({ length: 60 }, (_, i) => snapshot(String(1000 - i), '1', `b${i}`))
  const lanes = snapshotLanes([...tips, snapshot('1', null, 'main')])
  expect(Math.max(...[...lanes.values()].map(({ index }) => index))).toBe(11)
})

it('lays out 10,000 snapshots', () => {
  const history = Array.from({ length: 10_000 }, (_, i) => {
    const id = 10_000 - i
    return snapshot(
      String(id),
      id === 1 ? null : String(Math.max(1, id - (id % 3 === 0 ? 1 : 2))),
      id % 3 ? 'main' : null,
    )
  })
  expect(snapshotLanes(history).size).toBe(10_000)
})

it('marks what a rollback would leave, and its target', () => {
  const listed = [
    snapshot('5', '3', 'main'),
    snapshot('4', '2', 'audit'),
    snapshot('3', '2', 'main'),
    snapshot('2', '1', 'main'),
    snapshot('1', null, 'main'),
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

function snapshot(snapshotId: string, parentSnapshotId: string | null, branch: string | null): Snapshot {
  return listedSnapshot({
    snapshotId,
    parentSnapshotId,
    isOnMain: branch === 'main',
    branch,
    isReferenced: branch !== null,
  })
}
