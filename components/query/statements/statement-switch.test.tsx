// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import type { QueryRunState, QueryRuns } from '@/lib/client/query/query-run'
import { AppError } from '@/lib/errors'
import type { QueryResult } from '@/lib/query/engine'
import { render } from '@/testing/components/render'
import { StatementSwitch } from './statement-switch'

afterEach(cleanup)

const request = { sql: '', cursor: 0, connection: 'local', connections: [], maxRows: 1 }
const at = (number: number, text: string) => ({ request, position: { number, count: 3, line: number, text } })

test('Each statement is listed with its outcome, and the chosen one is marked and can be changed', async () => {
  const states: QueryRunState[] = [
    { ...at(1, 'select\n 1'), status: 'done', result: { rowCount: 60, isText: false } as QueryResult },
    { ...at(2, 'select delai'), status: 'failed', error: new AppError('query-failed', 'No column'), elapsedMs: 1 },
    { ...at(3, 'select 3'), status: 'skipped' },
  ]
  const runs: QueryRuns = { sql: '', scope: { isAll: true, selection: null }, engine: 'browser', states, shown: 1 }
  const onShow = vi.fn()
  render(<StatementSwitch runs={runs} onShow={onShow} />)
  const buttons = screen.getAllByRole('button')
  expect(buttons.map(({ textContent }) => textContent)).toEqual([
    '1select 160 rows',
    '2select delaifailed',
    '3select 3not run',
  ])
  expect(buttons.map((button) => button.getAttribute('aria-current'))).toEqual([null, 'true', null])
  await userEvent.click(screen.getByRole('button', { name: /select 3/ }))
  expect(onShow).toHaveBeenCalledWith(2)
})
