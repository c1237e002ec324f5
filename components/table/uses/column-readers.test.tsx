// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import type { TableDetail } from '@/lib/contract/table/tables'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse, type TableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { enabledButton } from '@/testing/components/enabled-button'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { sampleUse } from '@/testing/contract/sample-use'
import { ShownColumns } from '@/components/table/schema/shown-columns'
import { UsedByButton } from './used-by-button'

const call = stubApi()
afterEach(cleanup)

const SCHEMA: TableDetail['schema'] = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'delay', type: 'long', required: false },
    { id: 2, name: 'origin', type: 'string', required: false },
  ],
}

const query = (name: string, columns: string[] | null, certainty: TableUse['certainty'] = 'reads') =>
  sampleUse({ name, columns, certainty })

function renderColumns(uses: TableUses | Error, detail = SAMPLE_DETAIL) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== listTableUses) throw new Error('unexpected call')
    if (uses instanceof Error) throw uses
    return uses
  })
  renderInTable(<ShownColumns />, { detail: { ...detail, schema: SCHEMA } })
}

const rowOf = (name: string) => screen.getByRole('row', { name: new RegExp(`^${name}`) })

it('Each column says how much reads it and may read it, and lists that', async () => {
  const uses = [query('Late flights', ['delay']), query('Everything', null), query('Not understood', null, 'may-read')]
  renderColumns({ uses, isTruncated: false, missingCatalogs: [] })
  const count = await screen.findByRole('button', { name: 'delay: read by 2, and possibly by 1' })
  expect(count.textContent).toBe('2 + 1?')
  expect(screen.getByRole('button', { name: 'origin: read by 1, and possibly by 1' })).toBeTruthy()
  await userEvent.click(count)
  const list = within(await screen.findByRole('dialog', { name: 'What reads delay' })).getByRole('list')
  expect(
    within(list)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual([
    expect.stringContaining('Late flights'),
    expect.stringContaining('Everything'),
    expect.stringContaining('Not understood'),
  ])
})

it('A count behind a limit is a lower bound, and one that could not be read is unknown', async () => {
  renderColumns({ uses: [query('Late flights', ['delay'])], isTruncated: true, missingCatalogs: [] })
  expect((await screen.findByRole('button', { name: 'delay: read by at least 1' })).textContent).toBe('≥ 1')
  expect(rowOf('origin').textContent).toContain('≥ 0')
  cleanup()
  renderColumns(new AppError('forbidden', 'The index is closed.'))
  expect((await screen.findAllByText(/could not be read: The index is closed/)).length).toBe(2)
})

it('A past state has no such column, because the uses are of now', () => {
  renderColumns({ uses: [], isTruncated: false, missingCatalogs: [] }, SAMPLE_PAST)
  expect(screen.queryByRole('columnheader', { name: /^Read by/ })).toBeNull()
})

it('The list of what uses the table opens without a change, with its clients', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return NO_CLIENTS
    return { uses: [query('Late flights', ['delay'])], isTruncated: true, missingCatalogs: [] }
  })
  renderInTable(<UsedByButton />)
  await userEvent.click(await enabledButton('Used by'))
  const dialog = await screen.findByRole('dialog', { name: 'What uses demo.flights' })
  expect(within(dialog).getByRole('listitem').textContent).toContain('Late flights')
  expect(await within(dialog).findByText(/There may be more.*No client is recorded/)).toBeTruthy()
})
