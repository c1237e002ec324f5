import { expect, test } from 'vitest'
import type { Snapshot, SnapshotRef } from '../metadata/table-metadata'
import { onlyAppends } from './only-appends'
import type { TableUpdate } from './table-update'

const REFS: Record<string, SnapshotRef> = {
  main: { snapshotId: '1', type: 'branch' },
  audit: { snapshotId: '2', type: 'branch', maxRefAgeMs: 5 },
  q1: { snapshotId: '1', type: 'tag' },
}

function add(snapshotId: string, parentSnapshotId: string | null, summary: Snapshot['summary'] = {}): TableUpdate {
  const base = { sequenceNumber: 2, timestampMs: 1, manifestList: 'm', schemaId: 0 }
  const snapshot = { ...base, snapshotId, parentSnapshotId, summary: { operation: 'append', ...summary } }
  return { action: 'add-snapshot', snapshot }
}
const move = (refName: string, snapshotId: string, more: Partial<SnapshotRef> = {}): TableUpdate => ({
  action: 'set-snapshot-ref',
  refName,
  snapshotId,
  type: 'branch',
  ...more,
})
const check = (...updates: TableUpdate[]) => onlyAppends({ refs: REFS }, updates)

test('appends on the tip of a branch, one or several, are only appends', () => {
  expect(check(add('3', '1'), move('main', '3'))).toBe(true)
  expect(check(add('3', '1'), add('4', '3'), move('main', '4'))).toBe(true)
  expect(check(add('3', '1'), move('main', '3'), add('4', '3'), move('main', '4'))).toBe(true)
  expect(check(add('3', '2'), move('audit', '3', { maxRefAgeMs: 5 }))).toBe(true)
  expect(onlyAppends({ refs: {} }, [add('3', null), move('main', '3')])).toBe(true)
})

test('a staged append is one that nothing reads', () => {
  expect(check(add('3', '1'))).toBe(true)
  expect(check(add('3', '1', { operation: 'overwrite' }))).toBe(false)
})

test.each<[string, TableUpdate[]]>([
  ['nothing', []],
  ['an overwrite', [add('3', '1', { operation: 'overwrite' }), move('main', '3')]],
  ['an operation in another case', [add('3', '1', { operation: 'Append' }), move('main', '3')]],
  ['an append that removes files', [add('3', '1', { 'deleted-data-files': '2' }), move('main', '3')]],
  ['a snapshot that skips the tip', [add('3', '0'), move('main', '3')]],
  ['a snapshot without a parent', [add('3', null), move('main', '3')]],
  ['a circle', [add('3', '4'), add('4', '3'), move('main', '3')]],
  ['a move to a known snapshot', [move('main', '2')]],
  ['a new branch', [add('3', '1'), move('other', '3')]],
  ['a tag', [add('3', '1'), move('q1', '3', { type: 'tag' })]],
  ['a branch that becomes a tag', [add('3', '1'), move('main', '3', { type: 'tag' })]],
  ['a branch that loses its retention', [add('3', '2'), move('audit', '3')]],
  ['another retention', [add('3', '2'), move('audit', '3', { maxRefAgeMs: 9 })]],
  ['a property', [add('3', '1'), move('main', '3'), { action: 'set-properties', updates: { a: 'b' } }]],
])('%s is more than an append', (_name, updates) => {
  expect(check(...updates)).toBe(false)
})
