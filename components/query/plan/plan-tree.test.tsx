// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import type { PlanOperator } from '@/lib/query/query-plan'
import { render } from '@/testing/components/render'
import { PlanTree } from './plan-tree'

afterEach(cleanup)

function operator(name: string, more: Partial<PlanOperator> = {}): PlanOperator {
  return { name, details: [], estimatedRows: null, actualRows: null, timeMs: null, scan: null, children: [], ...more }
}

const FLIGHTS = {
  label: 'demo.flights',
  fileCount: 2,
  tableFileCount: 41,
  filter: "date >= timestamp '2001-06-01'",
  fileBytes: null,
  rowCount: 150_000,
  columnCount: 6,
}
const PLAN: readonly PlanOperator[] = [
  operator('HASH_GROUP_BY', {
    details: [{ label: 'Groups', text: '#0' }],
    children: [
      operator('HASH_JOIN', {
        estimatedRows: 4000,
        children: [operator('SEQ_SCAN', { estimatedRows: 3_000_000, scan: FLIGHTS }), operator('RANGE')],
      }),
    ],
  }),
]

const lines = () => screen.getAllByRole('row').slice(1)
const names = () => lines().map((line) => line.querySelector('code')?.textContent)

test('Each operator has its details and its estimate, and a scan the files of its table', () => {
  render(<PlanTree plan={PLAN} />)
  expect(screen.getByRole('treegrid', { name: 'Plan' })).toBeDefined()
  expect(names()).toEqual(['HASH_GROUP_BY', 'HASH_JOIN', 'SEQ_SCAN', 'RANGE'])
  const [, join, scan] = lines()
  expect(join?.textContent).toContain('≈ 4,000')
  expect(scan?.textContent).toBe(
    "SEQ_SCANdemo.flights2 of 41 files, 150,000 rows in them, 6 columns in the tablePushed filter date >= timestamp '2001-06-01'≈ 3,000,000",
  )
  expect([
    scan?.getAttribute('aria-level'),
    scan?.getAttribute('aria-posinset'),
    scan?.getAttribute('aria-setsize'),
  ]).toEqual(['3', '1', '2'])
  expect(screen.queryByRole('columnheader', { name: 'Time' })).toBeNull()
})

const NOTE = /^Rows are estimated only from the numbers of rows in the files/

test('A plan that was not run says once why operators have no estimate', () => {
  render(<PlanTree plan={PLAN} />)
  expect(lines().map((line) => line.lastElementChild?.textContent)).toEqual(['–', '≈ 4,000', '≈ 3,000,000', '–'])
  expect(screen.getAllByText(NOTE)).toHaveLength(1)
  cleanup()
  render(<PlanTree plan={[operator('SEQ_SCAN', { estimatedRows: 3_000_000, scan: FLIGHTS })]} />)
  expect(screen.queryByText(NOTE)).toBeNull()
  cleanup()
  render(<PlanTree plan={[operator('TOP_N', { actualRows: 3 })]} />)
  expect(screen.queryByText(NOTE)).toBeNull()
})

test('Arrow keys walk through the operators, and close and open them', async () => {
  render(<PlanTree plan={PLAN} />)
  const focused = () => document.activeElement?.querySelector('code')?.textContent
  await userEvent.tab()
  expect(focused()).toBe('HASH_GROUP_BY')
  await userEvent.keyboard('{ArrowDown}{ArrowRight}')
  expect(focused()).toBe('SEQ_SCAN')
  await userEvent.keyboard('{End}')
  expect(focused()).toBe('RANGE')
  await userEvent.keyboard('{ArrowLeft}')
  expect(focused()).toBe('HASH_JOIN')
  await userEvent.keyboard('{ArrowLeft}')
  expect(document.activeElement?.getAttribute('aria-expanded')).toBe('false')
  expect(names()).toEqual(['HASH_GROUP_BY', 'HASH_JOIN'])
  await userEvent.keyboard('{ArrowRight}{Home}')
  expect(names()).toHaveLength(4)
  expect(focused()).toBe('HASH_GROUP_BY')
})

test('A plan that ran has the rows and the time of each operator', () => {
  const plan = [
    operator('TOP_N', { actualRows: 3, timeMs: 12, children: [operator('SEQ_SCAN', { actualRows: 2994 })] }),
  ]
  render(<PlanTree plan={plan} />)
  expect(screen.getByRole('columnheader', { name: 'Time' })).toBeDefined()
  expect(
    within(lines()[0] ?? document.body)
      .getAllByRole('cell')
      .map(({ textContent }) => textContent),
  ).toEqual(['TOP_N', '', '–', '3', '12 ms'])
})
