// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { keys } from '@/lib/client/keys'
import { InitialSession } from '@/lib/client/session/initial-session'
import { readViewColumns, type ViewColumns } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { getView, type ViewDetail, type ViewVersion } from '@/lib/contract/views'
import { viewQuery } from '@/lib/client/views'
import { signedIn, stubApi } from '@/testing/components/stub-api'
import { sampleSession } from '@/testing/contract/sample-session'
import { ViewPage } from './view-page'

const call = stubApi()

afterEach(cleanup)

const identifier = { catalog: 'lake', namespace: ['demo'], view: 'routes' }
const column = (id: number, name: string) => ({ id, name, required: false, type: 'string' as const })
const version = (change: Partial<ViewVersion>): ViewVersion => ({
  versionId: 1,
  createdAtMs: 1_700_000_000_000,
  schemaId: 0,
  writer: null,
  summary: {},
  defaultCatalog: null,
  defaultNamespace: [],
  representations: [{ type: 'sql', dialect: 'spark', sql: 'SELECT origin' }],
  ...change,
})
const detail: ViewDetail = {
  viewUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 1,
  catalogKind: 'embedded',
  abilities: [],
  location: 'file:///lake/demo/routes',
  metadataLocation: 'file:///lake/demo/routes/metadata/1.json',
  properties: { comment: 'where to' },
  currentVersionId: 2,
  currentSinceMs: null,
  openProposalCount: 0,
  versions: [
    version({
      versionId: 2,
      schemaId: 1,
      representations: [
        { type: 'sql', dialect: 'spark', sql: 'SELECT origin, count(*)' },
        { type: 'other', kind: 'plan', json: '{\n  "type": "plan"\n}' },
      ],
    }),
    version({}),
  ],
  versionCount: 2,
  schemas: [{ schemaId: 1, identifierFieldIds: [], fields: [column(1, 'origin'), column(2, 'flights')] }],
}

function renderView(address = '', shown = detail) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getView) return shown
    throw new Error('unexpected call')
  })
  client.setQueryData(viewQuery(identifier).queryKey, shown)
  render(
    <NuqsTestingAdapter searchParams={address} hasMemory>
      <QueryClientProvider client={client}>
        <ViewPage view={identifier} />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
  )
}

it('shows the current version, and representations that are not SQL', () => {
  renderView()
  expect(screen.getByRole('region', { name: 'SQL, spark' }).textContent).toBe('SELECT origin, count(*)')
  expect(screen.getByText(/unknown kind: plan/)).toBeTruthy()
  expect(screen.getByRole('region', { name: 'Representation of kind plan' }).textContent).toContain('"type": "plan"')
  expect(screen.queryByRole('region', { name: 'Another version' })).toBeNull()
})

it('marks an older version, and says when its schema is missing', async () => {
  renderView()
  await userEvent.click(within(screen.getByRole('grid', { name: 'Versions' })).getAllByRole('row')[2]!)
  expect(screen.getByRole('region', { name: 'Another version' }).textContent).toContain('version 1')
  expect(screen.getByRole('region', { name: 'SQL, spark' }).textContent).toBe('SELECT origin')
  expect(screen.getByText(/is missing from the view’s metadata/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Back to current version' }))
  expect(screen.getByRole('table', { name: 'Schema' }).textContent).toContain('flights')
})

it('compares a version with another one', async () => {
  renderView('?against=1')
  const lines = (await screen.findByRole('region', { name: 'SQL, spark, compared with version 1' })).textContent
  expect(lines).toContain('removed: SELECT origin\n')
  expect(lines).toContain('added: SELECT origin, count(*)\n')
})

it('compares where two versions look up names', () => {
  const [, first] = detail.versions
  const moved = { ...first!, versionId: 2, defaultNamespace: ['team'] }
  renderView('?version=1&against=2', { ...detail, versions: [moved, { ...first!, defaultNamespace: ['demo'] }] })
  screen.getByText('The SQL stays as it is, but names without a namespace mean other tables.')
  expect(screen.getByText('Names without a namespace').nextElementSibling?.textContent).toBe('team → demo')
  expect(screen.queryByText('Names without a catalog')).toBeNull()
})

it('leads back from a version that does not exist', async () => {
  renderView('?version=9')
  await userEvent.click(screen.getByRole('button', { name: 'Show current version' }))
  expect(screen.getByRole('region', { name: 'SQL, spark' })).toBeTruthy()
})

it('says why a view cannot be read', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  call.mockRejectedValue(new AppError('file-damaged', 'Not JSON'))
  render(
    <NuqsTestingAdapter>
      <QueryClientProvider client={client}>
        <ViewPage view={identifier} />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
  )
  expect((await screen.findByRole('alert')).textContent).toContain('Not JSON')
  expect(screen.getByRole('heading', { name: /demo\.\s?routes/ })).toBeTruthy()
})

it('a view has tabs for its definition and its rows', () => {
  renderView()
  const [definition, data] = within(screen.getByRole('navigation', { name: 'View' })).getAllByRole('link')
  expect(definition?.getAttribute('aria-current')).toBe('page')
  expect(data?.getAttribute('href')).toMatch(/\/views\/routes\?tab=data$/)
  expect(screen.getByRole('table', { name: 'Schema' })).toBeTruthy()
})

function renderChecked(
  outcome: ViewColumns,
  representations = [{ type: 'sql' as const, dialect: 'duckdb', sql: 'SELECT delai' }],
) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const shown: ViewDetail = {
    ...detail,
    abilities: ['commit-view'],
    versions: [version({ versionId: 2, schemaId: 1, representations })],
  }
  const session = sampleSession('editor')
  signedIn.session = session
  client.setQueryData(keys.session(), session)
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getView) return shown
    if (endpoint === readViewColumns) return outcome
    throw new Error('unexpected call')
  })
  client.setQueryData(viewQuery(identifier).queryKey, shown)
  render(
    <NuqsTestingAdapter hasMemory>
      <QueryClientProvider client={client}>
        <InitialSession value={session}>
          <ViewPage view={identifier} />
        </InitialSession>
      </QueryClientProvider>
    </NuqsTestingAdapter>,
  )
}

it('says that a view can no longer be read, with the reason and the way to mend it', async () => {
  renderChecked({ outcome: 'refused', message: 'Referenced column "delai" not found in FROM clause!' })
  const note = await screen.findByText('The view cannot be read.')
  expect(note.parentElement?.textContent).toContain('Referenced column "delai" not found')
  expect(screen.getByRole('link', { name: 'Edit the view' }).getAttribute('href')).toMatch(/\/views\/routes\/edit$/)
  const [, input] = call.mock.calls.find(([endpoint]) => endpoint === readViewColumns) ?? []
  expect(input).toMatchObject({ view: 'routes', dialect: 'duckdb', sql: 'SELECT delai' })
})

it('says nothing of a view that can be read, or whose state is not known, and checks only SQL of the server’s dialect', async () => {
  renderChecked({ outcome: 'found', fields: [], notes: [] })
  await waitFor(() => expect(call.mock.calls.some(([endpoint]) => endpoint === readViewColumns)).toBe(true))
  expect(screen.queryByText('The view cannot be read.')).toBeNull()
  cleanup()
  call.mockClear()
  renderChecked({ outcome: 'refused', message: 'wrong' }, [{ type: 'sql', dialect: 'spark', sql: 'SELECT 1' }])
  expect(await screen.findByRole('region', { name: 'SQL, spark' })).toBeTruthy()
  expect(call.mock.calls.some(([endpoint]) => endpoint === readViewColumns)).toBe(false)
})

it('says which parts of its address it ignores', async () => {
  renderView('?tab=zz&action=zz&version=zz&dialect=zz&against=99')
  expect(screen.getByText('“zz” in ?tab= is neither definition nor data. The definition is shown.')).toBeTruthy()
  expect(screen.getByText('“zz” in ?action= is not an action of this page. No panel is open.')).toBeTruthy()
  expect(screen.getByText('“zz” in ?version= is not a version. The current one is shown.')).toBeTruthy()
  expect(screen.getByText('The shown version has no SQL in the dialect “zz” in ?dialect=.')).toBeTruthy()
  expect(
    screen.getByText('There is no version “99” in ?against=. The SQL is compared with no other version.'),
  ).toBeTruthy()
})
