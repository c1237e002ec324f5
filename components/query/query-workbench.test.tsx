// @vitest-environment happy-dom
import { EditorView } from '@codemirror/view'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initialTabs } from '@/lib/client/query/query-tabs'
import { saveTabs } from '@/lib/client/query/stored-tabs'
import { InitialSession } from '@/lib/client/session/initial-session'
import type { Endpoint } from '@/lib/contract/endpoint'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { sampleSession } from '@/testing/contract/sample-session'
import { QueryWorkbench } from './query-workbench'

const call = stubApi()
stubFonts()
const session = sampleSession('viewer')
const REFUSAL = 'There is no saved query with this id.'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  call.mockImplementation(({ path }: Endpoint) => {
    if (path === '/api/v1/catalogs') return { catalogs: [] }
    if (path === '/api/v1/queries') return { queries: [], nextBefore: null, matchCount: 0, totalCount: 0 }
    if (path === '/api/v1/query-runs') return { isEnabled: false, limits: null }
    if (path === '/api/v1/session') return session
    if (path === '/api/v1/queries/:query') throw new AppError('not-found', REFUSAL)
    throw new Error(`unexpected call of ${path}`)
  })
})
afterEach(cleanup)

/** The text in the editor, once its code has loaded. */
async function readEditor(): Promise<string> {
  const view = await waitFor(() => {
    const found = EditorView.findFromDOM(screen.getByRole('textbox', { name: 'SQL' }))
    if (found === null) throw new Error('The editor is not there yet.')
    return found
  })
  return view.state.doc.toString()
}

test('A saved query that is missing or hidden is an empty tab, and the former tab still has its text', async () => {
  const sql = 'select 1 as mine'
  saveTabs(session.userId, { state: initialTabs('mine', sql), addressSql: sql })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <InitialSession value={session}>
        <QueryWorkbench />
      </InitialSession>
    </QueryClientProvider>,
    { query: paths.savedQuery('q1').split('?')[1] ?? '' },
  )
  expect(await screen.findByText(REFUSAL, { exact: false })).toBeTruthy()
  expect(screen.getByRole('tab', { name: /untitled 2/, selected: true })).toBeTruthy()
  expect(await readEditor()).toBe('')
  await userEvent.click(screen.getByRole('tab', { name: /untitled 1/ }))
  expect(await readEditor()).toBe(sql)
  expect(screen.queryByText(REFUSAL, { exact: false })).toBeNull()
})
