// @vitest-environment happy-dom
import { act, cleanup, fireEvent, renderHook, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { NewTablePage } from '@/components/explore/new-table/new-table-page'
import { runSignOutTasks } from '@/lib/client/session/sign-out-tasks'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { listCatalogs } from '@/lib/contract/catalogs'
import { createTable, reviewNewTable } from '@/lib/contract/table/new-tables'
import { createNamespace } from '@/lib/contract/lifecycle/namespaces'
import { getLoad } from '@/lib/contract/loads/loads'
import { listLoadLocations } from '@/lib/contract/loads/load-locations'
import { listNamespaces } from '@/lib/contract/namespaces'
import { getChangePolicy } from '@/lib/contract/proposals'
import { searchLake } from '@/lib/contract/search'
import { getTable } from '@/lib/contract/table/tables'
import { listUploads } from '@/lib/contract/uploads'
import { AppError } from '@/lib/errors'
import { entryLabelInCatalog } from '@/lib/names/identifiers'
import { enterText } from '@/testing/components/enter-text'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_UNWRITTEN } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_LOAD } from '@/testing/contract/sample-load'
import { sampleSession } from '@/testing/contract/sample-session'
import { LoadPage } from './load-page'

const call = stubApi({
  others: async () => new Response(null, { status: 204, headers: { 'tus-max-size': '1000' } }),
})
afterEach(() => {
  cleanup()
  act(runSignOutTasks)
  localStorage.clear()
})

const toEntry = (namespace: string[]) => ({ namespace, namespaceCount: 0, tableCount: 0, viewCount: 0 })

/** A lake without namespaces, until one is created. */
function stubEmptyLake() {
  const made = { namespaces: [] as string[][], request: null as unknown }
  call.mockImplementation(async (endpoint: unknown, input: Record<string, unknown>) => {
    switch (endpoint) {
      case listCatalogs:
        return { catalogs: [CATALOG] }
      // Asking for a namespace that is absent would be an error in the console of the browser.
      case listNamespaces:
        return { namespaces: made.namespaces.map(toEntry), isTruncated: false, skippedCount: 0 }
      case createNamespace:
        made.namespaces.push(input['namespace'] as string[])
        return { auditId: 'a1' }
      case reviewNewTable:
        return REVIEW
      case createTable:
        made.request = input
        return { auditId: 'a1' }
      case getTable:
        return SAMPLE_UNWRITTEN
      case getChangePolicy:
        return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
      case listUploads:
        return { uploads: [] }
      case listLoadLocations:
        return { locations: [], hosts: [] }
      default:
        throw new AppError('server-unreachable', 'Not in this test.')
    }
  })
  return made
}

const CATALOG = { name: 'local', kind: 'embedded', warehouse: null, namespaceCount: null, abilities: [], problem: null }
const script = { text: '', commitCount: 1, missingCount: 0 }
const REVIEW = {
  request: { path: '/v1/local/namespaces/data/tables', body: '{}' },
  scripts: { spark: script, trino: script, pyiceberg: script },
  blockers: [],
  warnings: [],
  location: null,
  addedProperties: {},
}
const csv = (name: string, text = 'id,Betrag\n1,2.5\n') => new File([text], name)
const drop = async (...files: File[]) => userEvent.upload(await screen.findByLabelText('Files of your disk'), files)
/** The uploads of this tab, for which table they are, and by their ids whether they began again. */
const uploads = () =>
  renderHook(() => useUploads(sampleSession('editor').userId)).result.current.uploads.map(
    ({ id, fileName, target }) => `${id} ${fileName} for ${entryLabelInCatalog(target)}`,
  )
const fileList = () => screen.getByRole('list', { name: 'Files' }).textContent

it('A load into a namespace begins with its tables', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== searchLake) throw new Error('unexpected call')
    const flights = { catalog: 'local', namespace: ['demo', 'a'], entry: { kind: 'table', name: 'flights' } }
    return { hits: [flights], badges: [], isTruncated: false, unreachable: [] }
  })
  renderInTable(<LoadPage />, { search: '?catalog=local&namespace=demo%1Fa' })
  expect(await screen.findByLabelText('Table')).toHaveProperty('value', 'demo.a')
  const found = await screen.findByRole('link', { name: 'local.demo.a.flights' })
  expect(found.getAttribute('href')).toBe('/ingest?catalog=local&namespace=demo%1Fa&table=flights')
})

it('Files that are dropped on an empty lake become its first namespace and table, and are loaded without being dropped again', async () => {
  const made = stubEmptyLake()
  const push = vi.fn()
  renderInTable(<LoadPage />, { router: { push }, hasShortPauses: true })
  await drop(csv('trips.csv'), csv('more.csv'))
  expect(fileList()).toContain('trips.csv')
  const form = await screen.findByRole('form', { name: 'A new table' })
  expect(form.textContent).toContain('from trips.csv, the first of 2 files; all of them are loaded')
  await within(form).findByDisplayValue('data')
  await userEvent.click(await enabledButton('Create namespace, choose columns'))
  await waitFor(() => expect(push).toHaveBeenCalledWith('/catalogs/local/namespaces/data/new-table?source=file'))
  expect(made.namespaces).toEqual([['data']])
  expect(uploads()).toEqual([])

  cleanup()
  const replace = vi.fn()
  const page = <NewTablePage catalog="local" namespace={['data']} />
  const renderForm = () =>
    renderInTable(page, { search: '?source=file', router: { replace }, pathname: window.location.pathname })
  renderForm()
  await screen.findByText(/^Filled from trips[.]csv.* The page that loads the rows of all 2 files opens next[.]/)
  await userEvent.click(screen.getByRole('button', { name: 'Edit Betrag' }))
  const name = screen.getByRole('textbox', { name: 'Name of Betrag' })
  await userEvent.clear(name)
  await enterText(name, 'amount')
  await userEvent.keyboard('{Enter}')
  // A walk to another page and back neither asks again nor takes back what was changed.
  cleanup()
  renderForm()
  await screen.findByText(/^Filled from trips[.]csv/)
  expect(screen.getByRole('button', { name: 'Edit amount' })).toBeTruthy()
  await userEvent.click(await enabledButton('Create table'))
  const target = '/ingest?catalog=local&namespace=data&table=trips'
  await waitFor(() => expect(replace).toHaveBeenCalledWith(target))
  expect(made.request).toMatchObject({ namespace: ['data'], table: 'trips' })
  expect(uploads()).toEqual([])

  cleanup()
  const openLoad = () => renderInTable(<LoadPage />, { search: target.slice('/ingest'.length) })
  openLoad()
  const expected = ['1 trips.csv for local.data.trips', '2 more.csv for local.data.trips']
  // Each attempt renders a hook, which `waitFor` of Testing Library would take for a change of the page.
  await vi.waitFor(() => expect(uploads()).toEqual(expected), { timeout: 60_000 })
  expect(fileList()).toMatch(/trips[.]csv.*more[.]csv/)
  await waitFor(() =>
    expect(screen.getByRole('region', { name: 'The request' }).textContent).toMatch(
      /"columns": {\s*"amount": {\s*"field": "Betrag"/,
    ),
  )
  // The uploads go on while another page is shown.
  cleanup()
  renderInTable(<LoadPage />)
  const underWay = await screen.findByRole('region', { name: 'Not loaded yet' })
  expect(within(underWay).getByRole('link', { name: 'local.data.trips' }).getAttribute('href')).toBe(target)
  cleanup()
  openLoad()
  await waitFor(() => expect(fileList()).toMatch(/trips[.]csv.*more[.]csv/))
  expect(uploads()).toEqual(expected)
})

it.each([
  ['a zip archive', [csv('trips.zip')], 'A zip archive cannot be loaded: unpack it'],
  ['a spreadsheet', [csv('trips.xlsx')], 'A spreadsheet cannot be loaded: save it as CSV'],
  ['a file that is too large', [csv('trips.csv', 'x'.repeat(2_000))], 'an upload has at most 1,000 B'],
  ['an empty file', [csv('trips.csv', '')], 'The file is empty.'],
])('Of dropped files, %s is refused with the reason, and can be removed', async (_, files, reason) => {
  stubEmptyLake()
  renderInTable(<LoadPage />)
  await drop(csv('good.csv'), ...files)
  await waitFor(() => expect(fileList()).toContain(reason))
  expect(screen.getByText(`Remove ${files[0]?.name} above, which cannot be loaded.`)).toBeTruthy()
  expect(screen.queryByLabelText('Table')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: `Remove ${files[0]?.name}` }))
  expect(screen.getByLabelText('Table')).toBeTruthy()
})

it('Ten thousand files at once are refused with a sentence, and none is listed', async () => {
  stubEmptyLake()
  renderInTable(<LoadPage />)
  const file = csv('trips.csv')
  const files = Array.from({ length: 10_000 }, () => file)
  fireEvent.change(await screen.findByLabelText('Files of your disk'), { target: { files } })
  expect(
    await screen.findByText(/^10,000 files are too many: a load has at most 1,000[.] No file was added/),
  ).toBeTruthy()
  expect(fileList()).toBe('')
})

const FAILED_CORRECTION = {
  ...SAMPLE_LOAD,
  files: [{ name: 'fixed.csv', input: { uploadId: 'u1' } }],
  correctsRunId: 'R1',
}
const PARENT = {
  ...FAILED_CORRECTION,
  recordsSaved: 4,
  correctsRunId: null,
  corrections: [
    { runId: 'R3', correctsRunId: 'R1', state: 'succeeded', rowsCommitted: 3, isUndone: false, finishedAtMs: 1_000 },
  ],
}
const STORED_UPLOAD = {
  uploadId: 'u1',
  fileName: 'fixed.csv',
  target: FAILED_CORRECTION.table,
  sizeBytes: 9,
  receivedBytes: 9,
  expiresAtMs: 9_000_000_000_000,
  proposalId: null,
  runId: null,
}

/** @param parent throws if the corrected run cannot be read */
function stubFailedCorrection(parent: () => typeof PARENT, stored = [STORED_UPLOAD]) {
  stubEmptyLake()
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: Record<string, unknown>) => {
    if (endpoint === getLoad) return input['run'] === 'R2' ? FAILED_CORRECTION : parent()
    if (endpoint === listUploads) return { uploads: stored }
    return others?.(endpoint, input)
  })
  renderInTable(<LoadPage />, { search: '?catalog=local&namespace=data&table=trips&run=R2' })
}

const itsFile = () => screen.findByRole('button', { name: 'Remove fixed.csv' })
const request = async () => (await screen.findByRole('region', { name: 'The request' })).textContent

it('A correction that failed is continued with its files as a correction of the same load, with its warnings', async () => {
  stubFailedCorrection(() => PARENT)
  const link = await screen.findByRole('link', { name: 'another one' })
  expect(link.getAttribute('href')).toBe('/ingest/runs/R1')
  expect(link.parentElement?.textContent).toContain(
    'The corrected rows are in its files, which this page does not open',
  )
  const again = screen.getByRole('link', { name: 'correct the rejected rows again' })
  expect(again.getAttribute('href')).toBe('/ingest?catalog=local&namespace=data&table=trips&run=R1')
  await itsFile()
  expect(await request()).toContain('"correctsRun": "R1"')
  expect((await screen.findByRole('link', { name: 'R3' })).parentElement?.textContent).toMatch(
    /^3 of these 4 rows were already corrected and loaded, last by run R3/,
  )
})

it('A correction of a run that was removed since is continued as a load of its own, and other failures are shown', async () => {
  stubFailedCorrection(() => {
    throw new AppError('not-found', 'There is no run R1.')
  })
  await itsFile()
  expect(await request()).not.toContain('correctsRun')
  cleanup()
  stubFailedCorrection(() => {
    throw new AppError('forbidden', 'Not for you.')
  })
  expect(await screen.findByText(/Not for you/)).toBeTruthy()
  cleanup()
  act(runSignOutTasks)
  stubFailedCorrection(() => PARENT, [])
  expect(await screen.findByText(/The server no longer has all bytes of fixed[.]csv: choose it again/)).toBeTruthy()
  expect(fileList()).toBe('')
})

it('Files of two formats are loaded one after the other', async () => {
  stubEmptyLake()
  renderInTable(<LoadPage />)
  await drop(csv('a.csv'), csv('b.parquet'))
  expect(await screen.findByText(/^a[.]csv and b[.]parquet have different formats[.]/)).toBeTruthy()
})

it('A user who may write nothing reads which role it needs', async () => {
  stubEmptyLake()
  renderInTable(<LoadPage />, { role: 'viewer' })
  expect(await screen.findByText(/needs the editor role on a table or a namespace/)).toBeTruthy()
  expect(screen.queryByLabelText('Files of your disk')).toBeNull()
})
