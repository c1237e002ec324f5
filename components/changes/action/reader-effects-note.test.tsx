// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChangeTray } from '@/components/changes/tray/change-tray'
import { LostNameNote } from './lost-name-note'
import { ReviewedChanges } from '@/components/changes/tray/reviewed-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { sampleUse } from '@/testing/contract/sample-use'

const call = stubApi()
let uses: TableUse[]
beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listTableUses) return { uses, isTruncated: false, missingCatalogs: [] }
    throw new Error('unexpected call')
  })
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

const DROP: Intent = { kind: 'drop-column', fieldId: 1, column: ['delay'] }
const entry = { kind: 'table' as const, catalog: 'local', namespace: ['demo'], name: 'flights' }
const LATE = sampleUse({
  kind: 'view',
  name: 'late',
  id: null,
  owner: null,
  entry: { ...entry, kind: 'view', name: 'late' },
})
const READERS = [
  sampleUse({ name: 'Everything' }),
  { ...LATE, columns: ['delay'] },
  sampleUse({ kind: 'check', name: 'positive', id: null, owner: null, entry, columns: ['delay'] }),
]
const itemsOf = (list: HTMLElement) =>
  within(list)
    .getAllByRole('listitem')
    .map(({ textContent }) => textContent)
const review = (intents: Intent[]) =>
  renderInTable(<ReviewedChanges table={SAMPLE_IDENTIFIER} intents={intents} problem={null} />)

it('A review lists what happens to each reader of the changed columns, with its remedy, the worst first', async () => {
  uses = READERS
  review([DROP])
  const list = await screen.findByRole('group', { name: 'What happens to readers' })
  expect(screen.getByText('2 of 3 known readers break; 1 may break.')).toBeTruthy()
  const groups = within(list).getAllByRole('list')
  expect(groups.map((group) => [group.previousElementSibling?.textContent, itemsOf(group)])).toEqual([
    ['Views', ['demo.late delayIts next read fails: a view finds columns by name.Edit the view']],
    ['Checks', ['positive delayFails with an error, so that no branch passes it.Edit the check']],
    [
      'Saved queries',
      ['Everything by ada · every columnReads every column: fails if its text also names delay.Open the query'],
    ],
  ])
  expect(within(list).getByRole('link', { name: 'Edit the view' })).toHaveProperty(
    'href',
    expect.stringMatching(/\/views\/late\/edit$/),
  )
})

it('A review says that no reader names the changed columns, or that they go on, without a remedy', async () => {
  uses = []
  review([DROP])
  expect(
    await screen.findByText(
      'Nothing that you may read uses these columns: no view, check, saved query, schedule or proposal.',
    ),
  ).toBeTruthy()
  cleanup()
  uses = READERS.slice(1, 2)
  review([{ kind: 'change-column-type', fieldId: 1, column: ['delay'], type: 'long', base: 'int' }])
  const list = await screen.findByRole('group', { name: 'What happens to readers' })
  expect(list.textContent).toContain('Goes on: delay is long instead of int.')
  expect(within(list).queryByRole('link')).toBeNull()
  expect(screen.getByText('The only known reader goes on.')).toBeTruthy()
})

it('A review narrows its readers to those with one effect', async () => {
  uses = READERS
  review([DROP])
  const list = await screen.findByRole('group', { name: 'What happens to readers' })
  await userEvent.click(screen.getByRole('radio', { name: 'May break 1' }))
  expect(itemsOf(list)).toHaveLength(1)
  expect(list.textContent).toContain('Everything')
  expect(list.textContent).not.toContain('Views')
  await userEvent.click(screen.getByRole('radio', { name: 'All 3' }))
  expect(itemsOf(list)).toHaveLength(3)
})

it('A note of a rename lists all readers of the table, and says when nothing uses it', async () => {
  uses = Array.from({ length: 7 }, (_, i) => sampleUse({ id: `q${i}`, name: `Query ${i}`, columns: ['origin'] }))
  renderInTable(<LostNameNote entry={SAMPLE_IDENTIFIER} loss="rename" />)
  const list = await screen.findByRole('group', { name: 'What happens to readers' })
  expect(itemsOf(list)).toHaveLength(7)
  expect(itemsOf(list)[6]).toBe('Query 6 by adaFails at its next run.Open the query')
  expect(screen.getByText('7 of 7 known readers break.')).toBeTruthy()
  cleanup()
  uses = [sampleUse({ kind: 'schedule', id: null, name: 'Nightly', entry: { ...entry, name: 'silver' } })]
  renderInTable(<LostNameNote entry={SAMPLE_IDENTIFIER} loss="rename" />)
  expect(await screen.findByRole('link', { name: 'Open Jobs' })).toHaveProperty(
    'href',
    expect.stringMatching(/\/jobs$/),
  )
  cleanup()
  uses = []
  renderInTable(<LostNameNote entry={SAMPLE_IDENTIFIER} loss="rename" />)
  expect(await screen.findByText(/^Nothing that you may read uses this table/)).toBeTruthy()
})

it('The tray counts the readers that its changes break', async () => {
  uses = READERS
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const changes = [{ target: 'column 1', area: 'schema', intent: DROP }]
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
  renderInTable(<ChangeTray table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} sidePanelHost={document.body} />)
  expect((await screen.findByText('2 readers break')).textContent).toBeTruthy()
})
