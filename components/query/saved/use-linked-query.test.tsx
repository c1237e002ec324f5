// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { useLinkedQuery } from './use-linked-query'

const call = stubApi()
const [onValues, onSaved] = [vi.fn(), vi.fn()]

afterEach(() => {
  cleanup()
  onValues.mockReset()
  onSaved.mockReset()
})

const SAVED = {
  queryId: 'q1',
  version: 3,
  name: 'Delays',
  sql: 'select 3',
  owner: 'ada',
  isShared: true,
  isOwn: false,
  canChange: false,
  createdAtMs: 0,
  changedAtMs: 0,
  changedBy: 'ada',
  parameters: [],
  folder: null,
  display: null,
}
const PARAMETERS = [{ name: 'late', type: 'number' as const, isList: false, text: '15' }]
const DISPLAY = { view: 'chart' as const, chart: null }
const VALUES = { parameters: JSON.stringify(PARAMETERS), display: JSON.stringify(DISPLAY) }

function Page({ sql = '', userId = 'u1' }: { sql?: string; userId?: string | null }) {
  const { error, retry } = useLinkedQuery(userId, sql, { onValues, onSaved })
  return error && <button onClick={retry}>{error.message}</button>
}

function renderPage(address: string, props: Parameters<typeof Page>[0] = {}) {
  const client = new QueryClient()
  const page = (
    <QueryClientProvider client={client}>
      <Page {...props} />
    </QueryClientProvider>
  )
  render(page, { query: address.slice(address.indexOf('?')) })
}

test('An address of a saved query opens it as it is saved now, with the values of the link', async () => {
  call.mockResolvedValue({ query: SAVED })
  renderPage(paths.savedQuery('q1', VALUES))
  await waitFor(() => expect(onSaved).toHaveBeenCalled())
  expect(onSaved.mock.calls).toEqual([[SAVED, { parameters: PARAMETERS, display: DISPLAY }]])
  expect(onValues).not.toHaveBeenCalled()
})

test('A saved query that cannot be read says why, and a retry opens it', async () => {
  call.mockRejectedValueOnce(new AppError('not-found', 'There is no saved query with this id.'))
  renderPage(paths.savedQuery('q1'))
  const retry = await screen.findByRole('button', { name: 'There is no saved query with this id.' })
  call.mockResolvedValue({ query: SAVED })
  await userEvent.click(retry)
  await waitFor(() => expect(onSaved).toHaveBeenCalledWith(SAVED, {}))
})

test('A text of a link gets its values once, when it is in the active tab', async () => {
  renderPage(paths.query('select $late', VALUES), { sql: 'select $late' })
  await waitFor(() => expect(onValues).toHaveBeenCalled())
  expect(onValues.mock.calls).toEqual([[{ parameters: PARAMETERS, display: DISPLAY }]])
  cleanup()
  renderPage(paths.query('select $late', VALUES), { sql: 'another tab' })
  renderPage(paths.query('select $late', VALUES), { sql: 'select $late', userId: null })
  renderPage(paths.savedQuery('q1'), { userId: null })
  expect(onValues).toHaveBeenCalledOnce()
  expect(onSaved).not.toHaveBeenCalled()
})

test('A link brings nothing but values and a display', async () => {
  renderPage(paths.query('select 1', { parameters: '{}', display: '{"view":"map","chart":null}' }), { sql: 'select 1' })
  await waitFor(() => expect(onValues).toHaveBeenCalledWith({}))
})
