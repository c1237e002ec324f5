// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ShownTableProvider } from '@/components/table/frame/shown-table'
import { keys } from '@/lib/client/keys'
import type { TableDetail } from '@/lib/contract/table/tables'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { render } from '@/testing/components/render'
import { SchemaTab } from './schema-tab'

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const METADATA = sampleMetadata()

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderTab({
  permissions,
  isCurrent = true,
  query = '',
}: {
  permissions: string[]
  isCurrent?: boolean
  query?: string
}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId: 'u', username: 'ada', permissions })
  vi.stubGlobal('fetch', async () =>
    Response.json({
      metadata: writeTableMetadata({ ...METADATA, refs: {}, snapshotLog: [], metadataLog: [] }),
      schemaUses: [{ schemaId: 0, snapshotCount: 2, snapshots: [{ snapshotId: '7', committedAtMs: 1 }] }],
    }),
  )
  const schema = METADATA.schemas.find(({ schemaId }) => schemaId === METADATA.currentSchemaId)
  const detail = {
    schema,
    abilities: ['commit-table'],
    shown: { isCurrent },
    catalogKind: 'embedded',
    metadataLocation: 'm',
    tableUuid: 'uuid',
    properties: {},
  }
  render(
    <QueryClientProvider client={client}>
      <ShownTableProvider
        value={{
          table: TABLE,
          asOf: {},
          // The tab uses only these parts of the table.
          detail: detail as unknown as TableDetail,
          sidePanelHost: null,
          setRowsSql: () => undefined,
        }}
      >
        <SchemaTab />
      </ShownTableProvider>
    </QueryClientProvider>,
    { query },
  )
}

const WRITE = ['table:read', 'table:write']

it('offers nothing to a user who cannot change the table, and nothing in the past', () => {
  renderTab({ permissions: ['table:read'] })
  expect(screen.getByText(/You need the editor role/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: /Edit|Add column/ })).toBeNull()
  cleanup()
  renderTab({ permissions: WRITE, isCurrent: false })
  expect(screen.getByText(/Editing is off/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: /Edit|Add column/ })).toBeNull()
})

it('says why a guarded column cannot be dropped, and does not offer it', async () => {
  renderTab({ permissions: WRITE })
  expect(
    await screen.findByRole('button', { name: /^date is a source of the partition spec\. It can be renamed/ }),
  ).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Actions for date' }))
  const drop = await screen.findByRole('menuitem', { name: /^Drop/ })
  expect(drop.textContent).toContain('date cannot be dropped: it is a source of the partition spec.')
  expect(drop.getAttribute('data-disabled')).toBe('true')
})

it('shows a name that is taken as a problem of the field, and puts nothing into the tray', async () => {
  renderTab({ permissions: WRITE })
  await userEvent.click(await screen.findByRole('button', { name: 'Edit route' }))
  const field = screen.getByRole('textbox', { name: 'Name of route' })
  await userEvent.clear(field)
  await userEvent.type(field, 'origin{Enter}')
  expect(await screen.findByText(/already a column origin/)).toBeTruthy()
  expect(localStorage.getItem('lakeshore.pending.u')).toBeNull()
  await userEvent.clear(field)
  await userEvent.type(field, 'Origin{Enter}')
  expect(await screen.findByText(/differ in case alone.*Choose another name/)).toBeTruthy()
  expect(localStorage.getItem('lakeshore.pending.u')).toBeNull()
  await userEvent.clear(field)
  await userEvent.type(field, 'line{Enter}')
  const closed = await screen.findByRole('button', { name: 'Edit line' })
  await waitFor(() => expect(document.activeElement).toBe(closed))
  expect(localStorage.getItem('lakeshore.pending.u')).toContain('"name":"line"')
})

it('takes back a column that was added when its name is left by Escape, unless it was edited', async () => {
  renderTab({ permissions: WRITE })
  const pending = () => localStorage.getItem('lakeshore.pending.u') ?? ''
  await screen.findByRole('button', { name: 'Edit route' })
  await userEvent.click(screen.getByRole('button', { name: 'Add column' }))
  expect(await screen.findByRole('textbox', { name: 'Name of new_column' })).toBeTruthy()
  await waitFor(() => expect(pending()).toContain('new_column'))
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(pending()).not.toContain('new_column'))
  expect(screen.queryByText('new_column')).toBeNull()

  await userEvent.click(screen.getByRole('button', { name: 'Add column' }))
  const name = await screen.findByRole('textbox', { name: 'Name of new_column' })
  await userEvent.clear(name)
  await userEvent.type(name, 'ga')
  // The tray shows the name as it is typed.
  expect(pending()).toContain('"name":"ga"')
  await userEvent.type(name, 'te{Enter}')
  await userEvent.click(await screen.findByRole('button', { name: 'Edit gate' }))
  await userEvent.keyboard('{Escape}')
  expect(pending()).toContain('gate')
})

it('moves a column by several positions from its menu, which opens again with each click', async () => {
  renderTab({ permissions: WRITE })
  await screen.findByRole('button', { name: 'Edit route' })
  const names = () => screen.getAllByRole('button', { name: /^Edit / }).map(({ textContent }) => textContent)
  const before = names()
  const index = before.indexOf('route')
  expect(index).toBeGreaterThanOrEqual(2)
  for (const newIndex of [index - 1, index - 2]) {
    await userEvent.click(screen.getByRole('button', { name: 'Actions for route' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Move up' }))
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    expect(names()).toEqual(before.filter((name) => name !== 'route').toSpliced(newIndex, 0, 'route'))
  }
})

it('puts the return to a former schema into the tray', async () => {
  renderTab({ permissions: WRITE, query: '?view=history' })
  await userEvent.click(await screen.findByRole('button', { name: /^schema 0/ }))
  const row = within(screen.getByRole('table', { name: 'Differences' })).getByText('route')
  expect(row).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Return to this schema' }))
  expect(localStorage.getItem('lakeshore.pending.u')).toContain('"kind":"set-current-schema","schemaId":0,"base":1')
})

it.each([
  ['999', true],
  ['1.0', true],
  ['1', false],
])('says whether the address names a column of the schema: %s', async (column, isReported) => {
  renderTab({ permissions: ['table:read'], query: `column=${column}` })
  const note = `The shown schema has no column with the id “${column}” in ?column=.`
  await vi.dynamicImportSettled()
  await waitFor(() => expect(screen.queryByText(note) !== null).toBe(isReported))
})

it('says which parts of its address it ignores', async () => {
  renderTab({ permissions: WRITE, query: '?view=zz&fold=zz' })
  expect(screen.getByText('“zz” in ?view= is neither columns nor history. The columns are shown.')).toBeTruthy()
  expect(screen.getByText('“zz” in ?fold= is neither true nor false. Nothing is folded.')).toBeTruthy()
  cleanup()
  renderTab({ permissions: WRITE, query: '?view=history&schema=99&with=zz' })
  expect(await screen.findByText(/^There is no schema “99” in \?schema=\. The current one is shown\./)).toBeTruthy()
  expect(screen.getByText(/^There is no schema “zz” in \?with=\. Schema \d+ is compared\./)).toBeTruthy()
})
