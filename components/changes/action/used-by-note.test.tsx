// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { listTableUses, type TableUse, type TableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { UsedByNote } from './used-by-note'

const call = stubApi()
afterEach(cleanup)

const QUERY: TableUse = {
  kind: 'query',
  name: 'By origin',
  entry: null,
  id: 'q1',
  owner: 'ada',
  certainty: 'reads',
  columns: ['origin'],
}
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

async function noteOf(uses: TableUse[], { columns, ...rest }: Partial<TableUses> & { columns?: string[] } = {}) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableUses) return { uses, isTruncated: false, missingCatalogs: [], ...rest }
    throw new Error('unexpected call')
  })
  const { container } = renderInTable(<UsedByNote table={SAMPLE_IDENTIFIER} {...(columns && { columns })} />)
  await screen.findByText(/Engines and programs outside of Lakeshore are not known/)
  return container.textContent
}

it('counts and names what uses the table, and what may', async () => {
  expect(await noteOf([VIEW, QUERY, MAYBE, SCHEDULE])).toContain(
    '1 view, 2 saved queries, and 1 schedule use the table, 1 of them possibly: demo.late, By origin, Old one, Nightly. Engines and programs outside of Lakeshore are not known.',
  )
  cleanup()
  expect(await noteOf([MAYBE])).toContain('1 saved query uses the table, as far as Lakeshore knows: Old one.')
})

it('names five at most', async () => {
  const queries = Array.from({ length: 7 }, (_, i) => ({ ...QUERY, id: `q${i}`, name: `Query ${i}` }))
  expect(await noteOf(queries)).toContain('Query 4 and 2 more.')
})

it('names what uses a column, which whatever reads every column does', async () => {
  const text = await noteOf([VIEW, QUERY, SCHEDULE], { columns: ['delay'] })
  expect(text).toContain('1 view uses this column: demo.late.')
  expect(text).not.toContain('By origin')
})

it('says that none is known, and what it could not look at', async () => {
  const text = await noteOf([], { isTruncated: true, missingCatalogs: ['prod'] })
  expect(text).toContain('No view, check, saved query, schedule or proposal that you may read uses the table.')
  expect(text).toContain('There may be more than Lakeshore has looked at. Not everything in prod could be looked at.')
})

it('says that it is not known when it cannot be read', async () => {
  call.mockImplementation(async () => {
    throw new AppError('forbidden', 'You may not.')
  })
  renderInTable(<UsedByNote table={SAMPLE_IDENTIFIER} />)
  expect(await screen.findByText(/could not be read, so it is not known: You may not\./)).toBeTruthy()
})
