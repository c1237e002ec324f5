// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { RepeatedTables } from './repeated-tables'

afterEach(cleanup)

const NONE = {
  readAtMs: 0,
  tableCount: 1,
  unreadable: [],
  unreadableCount: 0,
  unreachable: [],
  badges: [],
  isTruncated: false,
}
const tableIn = (catalog: string) => ({ catalog, namespace: ['demo'], table: 't' })

test('Tables that are counted once are listed with both of their names', () => {
  const repeated = [{ table: tableIn('mirror'), countedAs: tableIn('local') }]
  render(<RepeatedTables reading={{ ...NONE, duplicates: repeated, duplicateCount: 1 }} />)
  expect(screen.getByText('1 table found under a second name is counted once')).toBeTruthy()
  expect(screen.getByRole('listitem', { hidden: true }).textContent).toBe('demo.t of mirror is demo.t of local')
})

test('Nothing is shown when each table has one name', () => {
  render(<RepeatedTables reading={{ ...NONE, duplicates: [], duplicateCount: 0 }} />)
  expect(screen.queryByText(/second name/)).toBeNull()
})
