// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { LINK_ADDRESS_CHECKS } from './link-address-checks'
import { LinkAddressProblems } from './link-address-problems'
import { useLinkedQuery } from './use-linked-query'
import { type QueryLink, useQueryLink } from './use-query-link'

const call = stubApi()
const onSaved = vi.fn()
const TABS = { activeId: 'blank', openBlank: () => 'blank' }
/** The link as the page has it. */
let seen: QueryLink | null = null

afterEach(() => {
  cleanup()
  onSaved.mockReset()
  seen = null
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
  connection: 'local',
  display: null,
}
const PARAMETERS = [{ name: 'late', type: 'number' as const, isList: false, text: '15' }]
const DISPLAY = { view: 'chart' as const, chart: null }
const VALUES = { parameters: JSON.stringify(PARAMETERS), display: JSON.stringify(DISPLAY) }

function Page({ userId = 'u1' }: { userId?: string | null }) {
  const link = useQueryLink()
  useEffect(() => {
    seen = link
  })
  const { error, retry } = useLinkedQuery(userId, link, TABS, onSaved)
  return (
    <>
      {error && <button onClick={retry}>{error.message}</button>}
      <AddressProblems checks={LINK_ADDRESS_CHECKS} />
    </>
  )
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
})

test('A saved query that the page shows stays in the address, and is not opened again', async () => {
  renderPage('/query')
  act(() => seen?.showSaved('q1'))
  await waitFor(() => expect(seen).toMatchObject({ saved: 'q1', isSavedShown: true }))
  expect(call).not.toHaveBeenCalled()
  act(() => seen?.showSaved(null))
  await waitFor(() => expect(seen).toMatchObject({ saved: null, isSavedShown: false }))
})

test('A saved query that cannot be read says why, and a retry opens it', async () => {
  call.mockRejectedValueOnce(new AppError('not-found', 'There is no saved query with this id.'))
  renderPage(paths.savedQuery('q1'))
  const retry = await screen.findByRole('button', { name: 'There is no saved query with this id.' })
  call.mockResolvedValue({ query: SAVED })
  await userEvent.click(retry)
  await waitFor(() => expect(onSaved).toHaveBeenCalledWith(SAVED, {}))
})

test('A saved query waits for the user', () => {
  renderPage(paths.savedQuery('q1'), { userId: null })
  expect(onSaved).not.toHaveBeenCalled()
  expect(call).not.toHaveBeenCalled()
})

test('A link has its values until they are taken', () => {
  renderPage(paths.query('select $late', VALUES))
  expect(seen?.values).toEqual({ parameters: PARAMETERS, display: DISPLAY })
  act(() => seen?.take())
  expect(seen?.values).toBeNull()
  cleanup()
  renderPage(paths.query('select 1'))
  expect(seen?.values).toBeNull()
})

test.each([
  ['ref:q1-close', { ref: 'q1-close' }],
  ['at:2026-11-19T14:02:11Z', { atMs: Date.UTC(2026, 10, 19, 14, 2, 11) }],
])('A link brings the time, branch or tag of its tables: %s', (asOf, value) => {
  renderPage(paths.query('select 1', { asOf }))
  expect(seen?.values).toEqual({ asOf: value })
})

const notes = () => screen.queryAllByRole('status').map(({ firstChild }) => firstChild?.textContent ?? '')

test('A damaged link brings the values that can be read, and says which cannot', async () => {
  renderPage(paths.query('select $x', { parameters: '{bad', display: 'xx', asOf: 'ref:q1' }))
  expect(seen?.values).toEqual({ asOf: { ref: 'q1' } })
  expect(notes()).toEqual([
    expect.stringContaining('“{bad” in ?parameters= is not a list of values'),
    expect.stringContaining('“xx” in ?display= is neither a view'),
  ])
  for (const button of screen.getAllByRole('button', { name: 'Remove from the address' })) await userEvent.click(button)
  expect(notes()).toEqual([])
})

test.each(['snapshot:3051729675574597004', 'yesterday'])('A link says that it brings no %s', async (asOf) => {
  renderPage(paths.query('select 1', { asOf }))
  expect(notes()).toEqual([expect.stringContaining(`“${asOf}” in ?asOf= is neither a branch`)])
  expect(seen?.values).toEqual({})
})

test('A link to a saved query says which of its values cannot be read', async () => {
  call.mockResolvedValue({ query: SAVED })
  renderPage(paths.savedQuery('q1', { parameters: '{}', display: VALUES.display }))
  await waitFor(() => expect(onSaved.mock.calls).toEqual([[SAVED, { display: DISPLAY }]]))
  expect(notes()).toEqual([expect.stringContaining('“{}” in ?parameters= is not a list of values')])
})

test('A link whose text is cut within a character says so, until the note is dismissed', async () => {
  window.history.replaceState(null, '', '/query?sql=select+%27%C5')
  renderPage('/query')
  expect(seen?.hasDamagedText).toBe(true)
  cleanup()
  render(<LinkAddressProblems hasDamagedText />)
  expect(notes()).toEqual([expect.stringContaining('A part of the link may be missing.')])
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  expect(notes()).toEqual([])
  cleanup()
  window.history.replaceState(null, '', '/query?sql=select+%27%C5%93%27')
  renderPage('/query')
  expect(seen?.hasDamagedText).toBe(false)
})
