// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import {
  changeQuery,
  getQuery,
  getQueryVersion,
  type ListedQuery,
  listQueries,
  listQueryVersions,
  removeQuery,
  saveQuery,
} from '@/lib/contract/queries'
import { AppError } from '@/lib/errors'
import { DEFAULT_DISPLAY } from '@/lib/query/result-display'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { SaveQuery, type SaveQueryProps } from './save-query'
import { SavedQueries } from './saved-queries'

const call = stubApi()

afterEach(cleanup)

const OWN: ListedQuery = {
  queryId: 'q2',
  name: 'Delays by origin',
  folder: null,
  isShared: false,
  owner: 'ada',
  isOwn: true,
  canChange: true,
  createdAtMs: 0,
  changedAtMs: 0,
  changedBy: 'ada',
  version: 3,
  sqlPreview: 'select origin',
}
const SHARED: ListedQuery = {
  ...OWN,
  queryId: 'q1',
  name: 'Busiest routes',
  isShared: true,
  owner: 'bob',
  isOwn: false,
  canChange: false,
}
const { sqlPreview: _, ...FACTS } = OWN
const OPENED = { ...FACTS, sql: 'select origin from flights', connection: 'local', parameters: [], display: null }

const ENDPOINTS = { changeQuery, getQuery, getQueryVersion, listQueries, listQueryVersions, removeQuery, saveQuery }

function answer(answers: Partial<Record<keyof typeof ENDPOINTS, (input: never) => unknown>>) {
  call.mockImplementation(async (endpoint: unknown, input: never) => {
    const found = Object.entries(answers).find(([name]) => endpoint === ENDPOINTS[name as keyof typeof ENDPOINTS])
    if (!found) throw new Error('unexpected call')
    return found[1](input)
  })
}

const LIST = { queries: [OWN, SHARED], nextBefore: null, matchCount: 2, totalCount: 2 }

function renderWithClient(children: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(<QueryClientProvider client={client}>{children}</QueryClientProvider>)
}

function renderList(props: Partial<Parameters<typeof SavedQueries>[0]> = {}) {
  const handlers = { onOpen: vi.fn(), onOpenVersion: vi.fn(), onRemoved: vi.fn() }
  renderWithClient(<SavedQueries openedId={null} isChanged={false} {...handlers} {...props} />)
  return handlers
}

test('A click opens the whole text of a query', async () => {
  answer({ listQueries: () => LIST, getQuery: () => ({ query: OPENED }) })
  const { onOpen } = renderList()
  await userEvent.click(await screen.findByRole('button', { name: /Delays by origin.*only you/ }))
  await waitFor(() => expect(onOpen.mock.calls[0]?.[0]).toEqual(OPENED))
  expect(call).toHaveBeenCalledWith(getQuery, { query: 'q2' })
})

test('The open query is marked, and its unsaved changes are said', async () => {
  answer({ listQueries: () => LIST })
  renderList({ openedId: 'q2', isChanged: true })
  const open = await screen.findByRole('button', { name: /Delays by origin.*changes not saved/ })
  expect(open.getAttribute('aria-current')).toBe('true')
  expect(screen.getByRole('button', { name: /^Busiest routes.*shared, bob/ }).getAttribute('aria-current')).toBeNull()
})

test('Queries are listed by folder, those in none last', async () => {
  const inFolder = (queryId: string, folder: string | null) => ({ ...OWN, queryId, name: `query ${queryId}`, folder })
  const queries = [inFolder('a', null), inFolder('b', 'Weather'), inFolder('c', 'Flights'), inFolder('d', 'Weather')]
  answer({ listQueries: () => ({ ...LIST, queries }) })
  renderList()
  const weather = await screen.findByRole('region', { name: 'Folder Weather' })
  expect(within(weather).getAllByRole('listitem')).toHaveLength(2)
  expect(
    screen.getAllByRole('button', { name: /^query .*only you/ }).map((entry) => entry.textContent?.slice(0, 7)),
  ).toEqual(['query c', 'query b', 'query d', 'query a'])
})

test('A version of a query opens with its own text and chart, as a change of the query', async () => {
  const listed = (version: number) => ({ version, name: OWN.name, savedAtMs: 0, savedBy: 'ada' })
  const contents = {
    sql: 'select 1',
    connection: 'rem',
    parameters: [],
    display: { view: 'chart' as const, chart: null },
  }
  answer({
    listQueries: () => LIST,
    listQueryVersions: () => ({ versions: [listed(3), listed(2)] }),
    getQuery: () => ({ query: OPENED }),
    getQueryVersion: () => ({ version: { ...listed(2), ...contents } }),
  })
  const { onOpenVersion } = renderList()
  await userEvent.click(await screen.findByRole('button', { name: 'Versions of Delays by origin' }))
  const dialog = await screen.findByRole('dialog', { name: 'Versions of Delays by origin' })
  expect(await within(dialog).findByText('Version 3, current')).toBeDefined()
  await userEvent.click(within(dialog).getAllByRole('button', { name: 'Open' })[1] ?? dialog)
  await waitFor(() => expect(onOpenVersion).toHaveBeenCalledWith(OPENED, contents))
  expect(call).toHaveBeenCalledWith(getQueryVersion, { query: 'q2', version: 2 })
})

test('Only queries that the user may change offer removal, which asks first', async () => {
  answer({ listQueries: () => LIST, removeQuery: () => ({}) })
  const { onRemoved } = renderList()
  await screen.findByRole('button', { name: /^Busiest routes/ })
  expect(screen.queryByRole('button', { name: 'Remove Busiest routes' })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Remove Delays by origin' }))
  const dialog = await screen.findByRole('dialog', { name: 'Remove saved query' })
  expect(onRemoved).not.toHaveBeenCalled()
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }))
  await waitFor(() => expect(onRemoved).toHaveBeenCalledWith('q2'))
})

test('The list says when it is empty, and when nothing matches', async () => {
  answer({
    listQueries: ({ contains }: { contains?: string }) =>
      contains === undefined ? LIST : { queries: [], nextBefore: null, matchCount: 0, totalCount: 2 },
  })
  renderList()
  await userEvent.type(await screen.findByRole('searchbox', { name: 'Find in names and SQL' }), 'zzz')
  expect(await screen.findByText('No saved query contains this text.')).toBeTruthy()
  expect(screen.getByText('0 of 2')).toBeTruthy()
  cleanup()
  answer({ listQueries: () => ({ queries: [], nextBefore: null, matchCount: 0, totalCount: 0 }) })
  renderList()
  expect(await screen.findByText(/No saved queries yet/)).toBeTruthy()
})

test('A list that cannot be read says so', async () => {
  answer({
    listQueries: () => {
      throw new AppError('internal', 'The database is away.')
    },
  })
  renderList()
  expect((await screen.findByRole('alert')).textContent).toContain('The database is away.')
})

function renderForm(
  source: typeof OPENED | null,
  text: Partial<Pick<SaveQueryProps, 'sql' | 'connections' | 'connection' | 'parameters' | 'display' | 'asOf'>> = {},
) {
  const [onSaved, onClose] = [vi.fn(), vi.fn()]
  const connection = { connections: ['local'], connection: 'local' }
  const props = { sql: 'select 2', ...connection, parameters: [], display: DEFAULT_DISPLAY, asOf: null, ...text }
  renderWithClient(<SaveQuery opened {...props} source={source} onSaved={onSaved} onClose={onClose} />)
  return { onSaved, onClose }
}

test('A new query is saved under a name, for the user alone unless they share it', async () => {
  answer({ saveQuery: () => ({ query: OPENED }) })
  const { onSaved, onClose } = renderForm(null)
  const name = await screen.findByRole('textbox', { name: 'Name' })
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
  await userEvent.type(name, ' June by day ')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(onSaved.mock.calls[0]?.[0]).toEqual(OPENED))
  expect(call).toHaveBeenCalledWith(saveQuery, {
    name: 'June by day',
    folder: null,
    sql: 'select 2',
    isShared: false,
    connection: 'local',
    parameters: [],
    display: null,
  })
  expect(onClose).toHaveBeenCalled()
})

test('A query is saved with the values of the parameters that its text names, and says so', async () => {
  answer({ saveQuery: () => ({ query: OPENED }) })
  const valueOf = (name: string) => ({ name, type: 'number', isList: false, text: '15' }) as const
  const parameters = [valueOf('LATE'), valueOf('other'), valueOf('month')]
  renderForm(null, { sql: "select $late, '$other', $month", parameters })
  expect(await screen.findByText('Saves the current values of $LATE, $month.')).toBeDefined()
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Late')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  const saved = expect.objectContaining({ parameters: [valueOf('LATE'), valueOf('month')] })
  await waitFor(() => expect(call).toHaveBeenCalledWith(saveQuery, saved))
})

test('The form warns of another own query with the same name in the same folder, and still saves', async () => {
  const other = { ...OWN, queryId: 'q3', folder: 'Weekly' }
  answer({ listQueries: () => ({ ...LIST, queries: [...LIST.queries, other] }), saveQuery: () => ({ query: OPENED }) })
  const { onSaved } = renderForm(null)
  const name = await screen.findByRole('textbox', { name: 'Name' })
  await userEvent.type(name, ' Delays by origin ')
  expect(await screen.findByText(/You have another query of this name without a folder/)).toBeTruthy()
  await userEvent.type(screen.getByRole('textbox', { name: 'Folder' }), 'Weekly')
  expect(screen.getByText(/You have another query of this name in this folder/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(onSaved).toHaveBeenCalled())
})

test.each([
  ['of another user', 'Busiest routes', null],
  ['whose name only contains it', 'Delays', null],
  ['that it changes', 'Delays by origin', OPENED],
] as const)('The form does not warn of a query %s', async (_which, name, source) => {
  answer({ listQueries: () => LIST })
  renderForm(source)
  const field = await screen.findByRole('textbox', { name: 'Name' })
  await userEvent.clear(field)
  await userEvent.type(field, name)
  await waitFor(() => expect(call).toHaveBeenCalledWith(listQueries, { limit: 200, contains: name }))
  await waitFor(() => expect(screen.queryByText(/another query of this name/)).toBeNull())
})

test('An opened query is changed from the version that was opened, or copied', async () => {
  answer({ changeQuery: () => ({ query: OPENED }), saveQuery: () => ({ query: OPENED }) })
  renderForm(OPENED)
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }))
  const contents = { sql: 'select 2', isShared: false, connection: 'local', parameters: [], display: null }
  const form = { name: 'Delays by origin', folder: null, ...contents }
  await waitFor(() => expect(call).toHaveBeenCalledWith(changeQuery, { ...form, query: 'q2', version: 3 }))
  cleanup()
  renderForm(OPENED)
  await userEvent.click(await screen.findByRole('button', { name: 'Save as a copy' }))
  await waitFor(() => expect(call).toHaveBeenCalledWith(saveQuery, form))
})

test('A query is saved with its folder and its chart, and says so', async () => {
  answer({ saveQuery: () => ({ query: OPENED }) })
  const chart = { kind: 'bar' as const, x: 'origin', y: ['flights'], series: null, aggregation: null }
  const display = { view: 'both' as const, chart }
  renderForm(null, { display })
  expect(await screen.findByText('Also saves how the result is shown: as a grid and a chart.')).toBeDefined()
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Late')
  await userEvent.type(screen.getByRole('textbox', { name: 'Folder' }), ' By day ')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  const saved = expect.objectContaining({ folder: 'By day', display })
  await waitFor(() => expect(call).toHaveBeenCalledWith(saveQuery, saved))
})

test('The form says that the time, branch or tag of the tab is not saved', async () => {
  renderForm(null, { asOf: { ref: 'q1-close' } })
  expect((await screen.findByText(/Does not save/)).textContent).toContain('As of q1-close')
})

test('A query of another user is saved as a new one', async () => {
  answer({ saveQuery: () => ({ query: OPENED }) })
  renderForm({ ...OPENED, isOwn: false, canChange: false })
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveProperty('value', '')
  expect(screen.queryByRole('button', { name: 'Save as a copy' })).toBeNull()
})

test('A conflict keeps the dialog with its text, and offers the copy', async () => {
  answer({
    changeQuery: () => {
      throw new AppError('version-conflict', 'Another user has changed or removed this query.')
    },
  })
  const { onClose } = renderForm(OPENED)
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }))
  expect((await screen.findByRole('alert')).textContent).toContain('Another user has changed')
  expect(screen.getByRole('button', { name: 'Save as a copy' })).toHaveProperty('disabled', false)
  expect(onClose).not.toHaveBeenCalled()
})

test('A query is saved with the connection that its names mean, which the form says where there are several', async () => {
  answer({ saveQuery: () => ({ query: OPENED }) })
  renderForm(null, { sql: 'select * from demo.t', connections: ['local', 'rem'], connection: 'rem' })
  expect((await screen.findByText(/mean.*for every reader/)).textContent).toContain('rem')
  expect(screen.getByText(/^Everyone who may read what it names/)).toBeDefined()
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Far{Enter}')
  const saved = expect.objectContaining({ sql: 'select * from demo.t', connection: 'rem' })
  await waitFor(() => expect(call).toHaveBeenCalledWith(saveQuery, saved))
  cleanup()
  renderForm(null)
  await screen.findByRole('textbox', { name: 'Name' })
  expect(screen.queryByText(/for every reader/)).toBeNull()
})
