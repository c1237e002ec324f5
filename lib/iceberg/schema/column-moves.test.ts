import { expect, it } from 'vitest'
import type { NestedField } from './types'
import { findColumnMoves } from './column-moves'

const columns = (names: string): { fields: NestedField[] } => ({
  fields: names.split('').map((name) => ({ id: name.charCodeAt(0), name, required: false, type: 'int' })),
})
const moves = (before: string, after: string, moved = '') =>
  findColumnMoves(columns(before), columns(after), new Set(moved.split('').map((name) => name.charCodeAt(0)))).map(
    ({ fieldId, before: was, after: is }) => [String.fromCharCode(fieldId), was, is],
  )

it('finds the fewest columns that moved', () => {
  expect(moves('abcde', 'abcde')).toEqual([])
  expect(moves('abcde', 'eabcd')).toEqual([['e', 'd', null]])
  expect(moves('abcde', 'bcdea')).toEqual([['a', null, 'e']])
})

it('counts no column that was added or removed, and none that follows another one for that', () => {
  expect(moves('abc', 'xac')).toEqual([])
  expect(moves('abc', 'cxa')).toEqual([['c', 'b', null]])
})

it('prefers the columns that are known to have moved, unless they are where they were', () => {
  expect(moves('ab', 'ba', 'a')).toEqual([['a', null, 'b']])
  expect(moves('ab', 'ba', 'b')).toEqual([['b', 'a', null]])
  expect(moves('abcd', 'bacd', 'bd')).toEqual([['b', 'a', null]])
})

it('tells the positions apart of a column that moved with the one before it', () => {
  expect(moves('pdqrs', 'qrspd')).toEqual([
    ['p', null, 's'],
    ['d', null, 's'],
  ])
})
