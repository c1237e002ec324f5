// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NO_RUNS, type QueryRuns } from '@/lib/client/query/query-run'
import * as storedResults from '@/lib/client/stored-results'
import * as tabRuns from '@/lib/client/query/tab-runs'
import { AppError } from '@/lib/errors'
import { render } from '@/testing/components/render'
import { ResultPane } from './result-pane'

const open = vi.spyOn(storedResults, 'openStoredRun')
const restore = vi.spyOn(tabRuns, 'restoreInTab')
beforeEach(() => {
  open.mockReset()
  restore.mockReset()
  localStorage.setItem('lakeshore.query-results', `${Date.now() + 60_000} u1`)
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

const EMPTY = /Write a query and run it/

function renderIdle(userId = 'u1') {
  const tab = { userId, id: 't1' }
  render(
    <ResultPane
      state={{ status: 'idle' }}
      tab={tab}
      engine="browser"
      onRetry={() => {}}
      onRunOnServer={null}
      onRunAgain={() => {}}
    />,
  )
}

test('The stored result of a tab is shown in it', async () => {
  const runs: QueryRuns = { ...NO_RUNS, sql: 'select 1' }
  open.mockResolvedValue({ kind: 'found', runs })
  renderIdle()
  await waitFor(() => expect(restore).toHaveBeenCalledWith('t1', runs))
  expect(open).toHaveBeenCalledWith('u1', 't1')
})

test('A tab without a stored result invites to run a query, and opens no storage when the browser has none of the user', async () => {
  open.mockResolvedValue({ kind: 'none' })
  renderIdle()
  expect(await screen.findByText(EMPTY)).toBeTruthy()
  cleanup()
  open.mockClear()
  renderIdle('u2')
  expect(screen.getByText(EMPTY)).toBeTruthy()
  expect(open).not.toHaveBeenCalled()
})

test('A result whose table may no longer be read is gone, and the tab says so', async () => {
  open.mockResolvedValue({ kind: 'removed', storedAtMs: Date.now(), source: 'demo.flights' })
  renderIdle()
  expect((await screen.findByText(/was deleted from this browser/)).textContent).toContain(
    'you can no longer read demo.flights as it was then. Run the query again.',
  )
})

test('A result is not shown until the server has said that its tables may be read, and can be requested again', async () => {
  open.mockRejectedValueOnce(new AppError('server-unreachable', 'The server did not respond.'))
  open.mockResolvedValue({ kind: 'none' })
  renderIdle()
  expect((await screen.findByRole('alert')).textContent).toContain('The server did not respond.')
  expect(restore).not.toHaveBeenCalled()
  await userEvent.click(screen.getByRole('button', { name: /try again/i }))
  expect(await screen.findByText(EMPTY)).toBeTruthy()
})
