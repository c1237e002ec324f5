import { expect, it } from 'vitest'
import { parseRange } from './range'

it.each([
  [null, null],
  ['bytes=0-99', { start: 0, end: 100 }],
  ['bytes=900-', { start: 900, end: 1000 }],
  ['bytes=-8', { start: 992, end: 1000 }],
  ['bytes=-5000', { start: 0, end: 1000 }],
  ['bytes=990-5000', { start: 990, end: 1000 }],
  ['bytes=999-999', { start: 999, end: 1000 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', null],
  ['bytes=0-1,4-5', null],
  ['bytes=-', null],
  ['bytes=a-b', null],
  ['rows=0-1', null],
])('reads the range %j of a file of 1000 bytes', (header, range) => {
  expect(parseRange(header, 1000)).toEqual(range)
})

it('finds no range in an empty file', () => {
  expect(parseRange('bytes=0-0', 0)).toBe('unsatisfiable')
})
