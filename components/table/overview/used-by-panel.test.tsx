// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { UsedByPanel } from './used-by-panel'

const call = stubApi()
afterEach(cleanup)

const USE: TableUse = {
  kind: 'view',
  name: 'late',
  entry: { kind: 'view', catalog: 'local', namespace: ['demo'], name: 'late' },
  id: null,
  owner: null,
  certainty: 'reads',
  columns: null,
  formerColumns: [],
  via: null,
}

it('lists what uses the table with the columns that it names, and leads there', async () => {
  const table = { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'trips' } as const
  const uses: TableUse[] = [
    USE,
    { ...USE, kind: 'check', name: 'joined', entry: table, columns: ['a', 'b', 'c', 'd'] },
    { ...USE, kind: 'query', name: 'Old one', entry: null, id: 'q1', owner: 'ada', certainty: 'may-read' },
    { ...USE, kind: 'proposal', name: 'Read it', id: 'p1', owner: 'vera', columns: [] },
    { ...USE, name: 'later', columns: ['a'], via: { ...table, kind: 'view', name: 'late' } },
    { ...USE, entry: { ...table, kind: 'view', name: 'far', catalog: 'lake' } },
    { ...USE, kind: 'schedule', name: 'Nightly', entry: null },
    {
      ...USE,
      name: 'broken',
      entry: { ...table, kind: 'view', name: 'broken' },
      columns: [],
      formerColumns: ['delay', 'route'],
    },
  ]
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return { ...NO_CLIENTS, clients: [samplePyIceberg({ lastReadOn: null })] }
    if (endpoint === listTableUses) return { uses, isTruncated: false, missingCatalogs: [] }
    throw new Error('unexpected call')
  })
  renderInTable(<UsedByPanel />)
  const list = await screen.findByRole('list', { name: 'What uses the table' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual([
    'demo.lateview, every column',
    'joinedcheck of trips, a, b, c and 1 more',
    'Old onesaved query by ada, may read it',
    'Read itproposal by vera, names no column',
    'demo.lateview, a, through demo.late',
    'lake.demo.farview, every column',
    'Nightlyschedule',
    'demo.brokenview, names delay, route, which the table no longer has',
  ])
  const hrefs = within(list)
    .getAllByRole('link')
    .map((link) => link.getAttribute('href'))
  expect(hrefs).toEqual([
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/tables\/trips\/snapshots\?step=checks$/),
    expect.stringMatching(/\/views\/late\/proposals\/p1$/),
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/catalogs\/lake\/.*\/views\/far$/),
    expect.stringMatching(/\/views\/broken$/),
  ])
  const clients = await screen.findByRole('list', { name: 'Clients that use the table' })
  expect(within(clients).getByRole('listitem').textContent).toBe('PyIceberg 0.12.0wrote today')
  expect(screen.getByText(/^Clients are recorded since 1 Jan 2026, by days in UTC\./)).toBeTruthy()
})

it('says that readers are not known when the catalog does not record them', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return { clients: [], isTruncated: false, recordedSince: null }
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: ['prod'] }
    throw new Error('unexpected call')
  })
  renderInTable(<UsedByPanel />)
  expect(await screen.findByText(/^Which clients read the table is not known/)).toBeTruthy()
  expect(screen.getByText(/uses the table\. Not everything in prod could be looked at\.$/)).toBeTruthy()
})

it('narrows the list to what uses a column', async () => {
  const named = (name: string, columns: string[] | null): TableUse => ({
    ...USE,
    kind: 'query',
    name,
    entry: null,
    columns,
  })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listTableUses)
      return {
        uses: [named('Delays', ['delay']), named('All', null), named('By origin', ['origin'])],
        isTruncated: false,
        missingCatalogs: [],
      }
    throw new Error('unexpected call')
  })
  const fields = ['delay', 'origin'].map((name, i) => ({ id: i + 1, name, required: false, type: 'long' as const }))
  renderInTable(<UsedByPanel />, { detail: { ...SAMPLE_DETAIL, schema: { ...SAMPLE_DETAIL.schema, fields } } })
  await screen.findByText('By origin')
  expect(screen.getByText('3 saved queries')).toBeTruthy()
  await userEvent.click(screen.getByRole('combobox', { name: 'Column' }))
  await userEvent.click(await screen.findByRole('option', { name: 'delay', hidden: true }))
  const list = screen.getByRole('list', { name: 'What uses the table' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['Delayssaved query, delay', 'Allsaved query, every column'])
  expect(screen.getByText(/Which columns clients use is not known\./)).toBeTruthy()
})
