// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { chooseTimeZone } from '@/lib/time-zone'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse, type TableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleUse } from '@/testing/contract/sample-use'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { UsedByNote } from './used-by-note'

const call = stubApi()
let clients: () => unknown
beforeEach(() => {
  // Clients are recorded by days in UTC.
  chooseTimeZone('UTC')
  clients = () => NO_CLIENTS
})
afterEach(() => {
  cleanup()
  chooseTimeZone(null)
})

const QUERY = sampleUse({ columns: ['origin'] })
const VIEW: TableUse = {
  ...QUERY,
  kind: 'view',
  name: 'late',
  entry: { kind: 'view', catalog: 'local', namespace: ['demo'], name: 'late' },
  id: null,
  owner: null,
  columns: null,
}
const SCHEDULE: TableUse = { ...VIEW, kind: 'schedule', name: 'Nightly', entry: null }
const MAYBE: TableUse = { ...QUERY, name: 'Old one', certainty: 'may-read', columns: null }

async function noteOf(uses: TableUse[], rest: Partial<TableUses> = {}) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return clients()
    if (endpoint === listTableUses) return { uses, isTruncated: false, missingCatalogs: [], ...rest }
    throw new Error('unexpected call')
  })
  const { container } = renderInTable(<UsedByNote entry={SAMPLE_IDENTIFIER} />)
  await screen.findByText(/Clients have been recorded since|could not be read, so it is not known|catalog does not say/)
  return container.textContent
}

it('counts and names what uses the table, and what may', async () => {
  expect(await noteOf([VIEW, QUERY, MAYBE, SCHEDULE])).toContain(
    '1 view, 2 saved queries, and 1 schedule use the table, 1 of them possibly: demo.late, By origin, Old one, Nightly. No client is recorded in the last 30 days. Clients have been recorded since 1 Jan 2026',
  )
  cleanup()
  expect(await noteOf([MAYBE])).toContain('1 saved query uses the table, as far as Lakeshore knows: Old one.')
})

it('names five at most', async () => {
  const queries = Array.from({ length: 7 }, (_, i) => ({ ...QUERY, id: `q${i}`, name: `Query ${i}` }))
  expect(await noteOf(queries)).toContain('Query 4 and 2 more.')
})

it('says that none is known, and what it could not look at', async () => {
  const text = await noteOf([], { isTruncated: true, missingCatalogs: ['prod'] })
  expect(text).toContain(
    'Nothing that you may read uses this table: no view, check, saved query, schedule or proposal.',
  )
  expect(text).toContain('There may be more than Lakeshore has looked at. Not everything in prod could be looked at.')
})

it('names the clients of the last 30 days, what is not known of them, and why', async () => {
  const past = samplePyIceberg({ name: 'Spark', version: '3.5.6', lastReadOn: '2026-01-02', lastWrittenOn: null })
  clients = () => ({ ...NO_CLIENTS, clients: [samplePyIceberg(), past] })
  expect(await noteOf([VIEW])).toContain(
    'demo.late. Used in the last 30 days by PyIceberg 0.12.0 (wrote today, read today). Clients have been recorded since',
  )
  cleanup()
  clients = () => ({ clients: [], isTruncated: false, recordedSince: null })
  expect(await noteOf([])).toContain('Which clients read the table is not known, because its catalog does not say.')
  cleanup()
  clients = () => {
    throw new AppError('forbidden', 'You may not.')
  }
  expect(await noteOf([])).toContain(
    'The list of clients could not be read, so it is not known which use the table: You may not.',
  )
})

it('says that it is not known when it cannot be read', async () => {
  call.mockImplementation(async () => {
    throw new AppError('forbidden', 'You may not.')
  })
  renderInTable(<UsedByNote entry={SAMPLE_IDENTIFIER} />)
  expect(
    await screen.findByText(/^What uses the table could not be read, so it is not known: You may not\./),
  ).toBeTruthy()
})
