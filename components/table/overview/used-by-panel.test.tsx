// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { renderInTable } from '@/testing/components/render-in-table'
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
    { ...USE, kind: 'schedule', name: 'Nightly', entry: null },
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
    'Nightlyschedule',
  ])
  const hrefs = within(list)
    .getAllByRole('link')
    .map((link) => link.getAttribute('href'))
  expect(hrefs).toEqual([
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/tables\/trips\/snapshots\?step=checks$/),
    expect.stringMatching(/\/views\/late\/proposals\/p1$/),
    expect.stringMatching(/\/views\/late$/),
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
  expect(await screen.findByText(/^Which clients read it is not known/)).toBeTruthy()
  expect(screen.getByText(/uses the table\. Not everything in prod could be looked at\.$/)).toBeTruthy()
})
