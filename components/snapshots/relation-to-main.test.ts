import { expect, it } from 'vitest'
import type { Snapshot } from '@/lib/contract/snapshots'
import { relationToMain } from './relation-to-main'

const snapshot = (snapshotId: string, parentSnapshotId: string | null, isOnMain: boolean) =>
  ({ snapshotId, parentSnapshotId, isOnMain }) as Snapshot
const LISTED = [
  snapshot('5', '4', false),
  snapshot('4', '3', false),
  snapshot('9', '2', false),
  snapshot('3', '2', true),
  snapshot('2', null, true),
]
const relationOf = (snapshotId: string, mainSnapshotId: string | null = '3') => {
  const found = LISTED.find((one) => one.snapshotId === snapshotId)
  return found && relationToMain(LISTED, mainSnapshotId, found)
}

it('says where a snapshot is, seen from main', () => {
  expect(relationOf('3')).toEqual({ kind: 'tip' })
  expect(relationOf('2')).toEqual({ kind: 'behind' })
  expect(relationOf('5')).toEqual({ kind: 'ahead', stepCount: 2 })
  expect(relationOf('9')).toEqual({ kind: 'apart' })
  expect(relationOf('9', null)).toEqual({ kind: 'none' })
})
