// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { FirstRows } from './first-rows'

afterEach(cleanup)

it.each([
  [false, /^The file has no rows/],
  [true, /^No row ends in the first megabytes of the file/],
])('A preview without rows, of a part of the file: %s', (isTruncated, sentence) => {
  renderInTable(<FirstRows preview={{ columns: [], rows: [], rejects: [], isTruncated }} />)
  expect(screen.getByText(sentence)).toBeTruthy()
})

const ROWS = Array.from({ length: 20 }, (_, i) => ({ line: 2 * i + 2, values: [String(i)] }))
const REJECTS = Array.from({ length: 20 }, (_, i) => ({
  file: null,
  line: 2 * i + 3,
  column: 'fare',
  value: 'x',
  reason: 'is not a number',
  text: 'x',
  part: null,
}))

it.each([
  [ROWS, [], 9],
  [ROWS, REJECTS, 4 + 5],
  [ROWS.slice(0, 2), REJECTS, 2 + 7],
  [ROWS, REJECTS.slice(0, 1), 1 + 8],
  [[], REJECTS, 9],
  [ROWS.slice(0, 2), REJECTS.slice(0, 1), 3],
])('Nine lines are shown with every reading of a file that has them', (rows, rejects, lineCount) => {
  const columns = [{ name: 'fare', type: 'double', rejectedCount: 0, problem: null }]
  renderInTable(<FirstRows preview={{ columns, rows, rejects, isTruncated: false }} />)
  const [, ...lines] = screen.getAllByRole('row')
  expect(lines).toHaveLength(lineCount)
})

it('Of thousands of columns the first ones are drawn, with their number', () => {
  const columns = Array.from({ length: 2_000 }, (_, i) => {
    return { name: `c${i}`, type: 'int', rejectedCount: 0, problem: null }
  })
  const rows = [{ line: 2, values: columns.map((_, i) => String(i)) }]
  renderInTable(<FirstRows preview={{ columns, rows, rejects: [], isTruncated: false }} />)
  expect(screen.getAllByRole('cell')).toHaveLength(1 + 50)
  expect(screen.getByText('50 of 2,000 columns are shown.')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Show 50 more' }))
  expect(screen.getByRole('columnheader', { name: 'c99' })).toBeTruthy()
  expect(screen.getAllByRole('cell')).toHaveLength(1 + 100)
})

it('Rows that share a line are shown by the numbers of their records', () => {
  const columns = [{ name: 'fare', type: 'double', rejectedCount: 0, problem: null }]
  const rows = [1, 3].map((record) => ({ line: 1, record, values: [String(record)] }))
  const rejects = REJECTS.slice(0, 1).map((reject) => ({ ...reject, line: 1, record: 2 }))
  renderInTable(<FirstRows preview={{ columns, rows, rejects, isTruncated: false }} />)
  expect(screen.getAllByRole('row').map((row) => row.firstElementChild?.textContent)).toEqual(['Record', '1', '2', '3'])
})
