import { expect, it } from 'vitest'
import { rowChange } from './row-change'

const change = (
  added: number | null,
  removed: number | null,
  summary: Record<string, string>,
  operation = 'overwrite',
) => rowChange({ operation, rows: { added, removed }, summary })

it('The change is that of the rows of data files where no delete file is before or after the commit', () => {
  expect(change(2, 21, { 'total-delete-files': '0' })).toBe(-19)
  expect(change(null, 21, { 'total-delete-files': '0' })).toBe(-21)
  // Many writers do not count delete files that they do not have; an append says enough.
  expect(change(20, null, {})).toBe(20)
})

it('An append changes the rows by those that it adds, whatever deletes there are', () => {
  expect(change(20, null, { 'total-delete-files': '7', 'total-equality-deletes': '3' })).toBe(20)
})

it('The change is not known when the data files of deleted rows are removed, or new deletes remove rows', () => {
  const removed = { 'removed-delete-files': '1', 'removed-position-deletes': '10', 'total-delete-files': '0' }
  expect(change(2, 31, removed)).toBeNull()
  expect(change(2, 31, { 'total-delete-files': '1' })).toBeNull()
  expect(change(2, 31, {})).toBeNull()
  const upserted = { 'added-delete-files': '1', 'added-position-deletes': '10', 'total-delete-files': '1' }
  expect(change(10, null, upserted)).toBeNull()
  expect(change(10, null, { 'added-equality-deletes': '4' })).toBeNull()
  const mixed = { ...upserted, 'added-delete-files': '2', 'added-dvs': '2', 'added-equality-deletes': '1' }
  expect(change(10, null, { ...mixed, 'total-delete-files': '2' })).toBeNull()
})

it('A rewrite changes no rows, although it leaves out deleted ones', () => {
  const merged = { 'removed-delete-files': '1', 'removed-position-deletes': '10', 'total-delete-files': '0' }
  expect(change(21, 31, merged, 'replace')).toBe(0)
})

it('The rows of deletion vectors are counted, because a vector names a row once', () => {
  const added = { 'added-delete-files': '1', 'added-dvs': '1', 'added-position-deletes': '10' }
  expect(change(10, null, { ...added, 'total-delete-files': '1' })).toBe(0)
  const removed = { 'removed-delete-files': '1', 'removed-dvs': '1', 'removed-position-deletes': '10' }
  expect(change(2, 31, { ...removed, 'total-delete-files': '0' })).toBe(-19)
  // Another delete file, whose kind the summary does not say, may be of the removed data files.
  expect(change(2, 31, { ...removed, 'total-delete-files': '1' })).toBeNull()
})
