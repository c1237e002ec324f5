// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { chooseTimeZone } from '@/lib/time-zone'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { UsedByPanel } from './used-by-panel'

const call = stubApi()
afterEach(() => {
  cleanup()
  chooseTimeZone(null)
  vi.useRealTimers()
})

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
  chooseTimeZone('UTC')
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
    { ...USE, kind: 'query', name: 'Late', entry: null, id: 'q2', formerColumns: ['delay'] },
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
    'demo.brokenview, uses the columns delay, route, which no longer exist',
    'Latesaved query, every column, uses the column delay, which no longer exists',
  ])
  const hrefs = within(list)
    .getAllByRole('link')
    .map((link) => link.getAttribute('href'))
  expect(hrefs).toEqual([
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/tables\/trips\/snapshots\?step=checks$/),
    '/query?saved=q1',
    expect.stringMatching(/\/views\/late\/proposals\/p1$/),
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/catalogs\/lake\/.*\/views\/far$/),
    '/jobs',
    expect.stringMatching(/\/views\/broken$/),
    '/query?saved=q2',
  ])
  const clients = await screen.findByRole('list', { name: 'Clients that use the table' })
  expect(within(clients).getByRole('listitem').textContent).toBe('PyIceberg 0.12.0wrote today')
  expect(screen.getByText(/^Clients have been recorded since 1 Jan 2026, by UTC day\./)).toBeTruthy()
})

it('says that readers are not known when the catalog does not record them', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return { clients: [], isTruncated: false, recordedSince: null }
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: ['prod'] }
    throw new Error('unexpected call')
  })
  renderInTable(<UsedByPanel />)
  expect(await screen.findByText(/^Which clients read the table is not known/)).toBeTruthy()
  expect(
    screen.getByText(
      'Nothing that you may read uses this table: no view, check, saved query, schedule or proposal. Not everything in prod could be looked at.',
    ),
  ).toBeTruthy()
})

it('says that it is about now on a page of an earlier state, and names days in UTC that are none of the reader', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 28, 0, 30), toFake: ['Date'] })
  chooseTimeZone('America/New_York')
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients)
      return { ...NO_CLIENTS, clients: [samplePyIceberg({ lastReadOn: null, lastWrittenOn: '2026-11-27' })] }
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: [] }
    throw new Error('unexpected call')
  })
  renderInTable(<UsedByPanel />, { detail: SAMPLE_PAST })
  expect(await screen.findByText('wrote 27 Nov (UTC)')).toBeTruthy()
  const note = 'This is about the table now, not about the state that the page shows.'
  expect(screen.getByText(note)).toBeTruthy()
  cleanup()
  renderInTable(<UsedByPanel />)
  await screen.findByText('wrote 27 Nov (UTC)')
  expect(screen.queryByText(note)).toBeNull()
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
