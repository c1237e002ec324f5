import { expect, it } from 'vitest'
import { renameColumns } from './rename-columns'

const RENAMED = new Map([['delay', 'delay min']])

it('replaces the names of columns, and leaves texts, comments, functions and tables', () => {
  expect(
    renameColumns(`SELECT Delay, "delay", t.delay, 'delay', delays, delay(1) /* delay */ FROM delay t`, RENAMED),
  ).toBe(`SELECT "delay min", "delay min", t."delay min", 'delay', delays, delay(1) /* delay */ FROM delay t`)
})

it('swaps the names of two columns', () => {
  const swapped = new Map([
    ['a', 'b'],
    ['b', 'a'],
  ])
  expect(renameColumns('SELECT * FROM this_table WHERE a > b', swapped)).toBe(
    'SELECT * FROM this_table WHERE "b" > "a"',
  )
})
