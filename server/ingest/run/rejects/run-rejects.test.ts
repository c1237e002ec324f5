import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { readRejectPage } from './run-rejects'

const home = createTestHome()

function list(rejects: readonly object[]) {
  const file = path.join(home.config.homeDir, 'lists', `${rejects.length}.ndjson`)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, rejects.map((reject) => `${JSON.stringify(reject)}\n`).join(''))
  const run = { id: 'R1', outcome: { rejectsFile: file }, error: null, finishedAtMs: 1 }
  return (filter: { column?: string | null; reason?: string }, offset = 0) =>
    readRejectPage(home.services, run, { ...filter, offset, limit: 2 })
}

const NUMBER = 'is not a number such as 1204.5'
const REJECTS = [
  { line: 2, column: 'a', value: 'x', reason: NUMBER },
  { line: 3, column: 'b', value: 'x', reason: NUMBER },
  { line: 3, column: 'a', value: '7', reason: 'results in "7", which is beyond the range of int' },
  { line: 4, column: 'a', value: '8', reason: 'results in "8", which is beyond the range of int' },
  { line: 5, column: null, value: '1', reason: 'has 1 field but the header has 2' },
]

it('Rejects of a column and of a reason are counted for each other, and their pages go on', async () => {
  const read = list(REJECTS)
  const beyond = 'results in a value that is beyond the range of int'
  expect(await read({})).toMatchObject({
    totalCount: 5,
    nextOffset: 2,
    countsByColumn: [
      { column: 'a', count: 3 },
      { column: 'b', count: 1 },
      { column: null, count: 1 },
    ],
    anyColumnCount: 5,
    countsByReason: [
      { reason: NUMBER, count: 2 },
      { reason: beyond, count: 2 },
      { reason: 'has more or fewer fields than the header', count: 1 },
    ],
    anyReasonCount: 5,
  })
  const both = await read({ column: 'a', reason: beyond })
  expect(both).toMatchObject({
    totalCount: 5,
    nextOffset: null,
    countsByColumn: [{ column: 'a', count: 2 }],
    anyColumnCount: 2,
    countsByReason: [
      { reason: beyond, count: 2 },
      { reason: NUMBER, count: 1 },
    ],
    anyReasonCount: 3,
  })
  expect(both.rejects.map(({ line }) => line)).toEqual([3, 4])
  expect(await read({ column: null, reason: NUMBER })).toMatchObject({ rejects: [], nextOffset: null })
})

it('The counts of many columns and reasons are bounded, and their sums are exact', async () => {
  const many = Array.from({ length: 600 }, (_, i) => ({
    line: i,
    column: `c${i}`,
    value: '',
    reason: `breaks rule${i}`,
  }))
  const { countsByColumn, countsByReason, ...counts } = await list(many)({})
  expect([countsByColumn.length, countsByReason.length]).toEqual([500, 50])
  expect(counts).toMatchObject({ totalCount: 600, anyColumnCount: 600, anyReasonCount: 600 })
})
