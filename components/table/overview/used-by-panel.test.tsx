// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
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
}

it('lists what uses the table with the columns that it names, and leads there', async () => {
  const table = { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'trips' } as const
  const uses: TableUse[] = [
    USE,
    { ...USE, kind: 'check', name: 'joined', entry: table, columns: ['a', 'b', 'c', 'd'] },
    { ...USE, kind: 'query', name: 'Old one', entry: null, id: 'q1', owner: 'ada', certainty: 'may-read' },
    { ...USE, kind: 'proposal', name: 'Read it', id: 'p1', owner: 'vera', columns: [] },
    { ...USE, kind: 'schedule', name: 'Nightly', entry: null },
  ]
  call.mockImplementation(async (endpoint: unknown) => {
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
    'Nightlyschedule',
  ])
  const hrefs = within(list)
    .getAllByRole('link')
    .map((link) => link.getAttribute('href'))
  expect(hrefs).toEqual([
    expect.stringMatching(/\/views\/late$/),
    expect.stringMatching(/\/tables\/trips\/snapshots\?step=checks$/),
    expect.stringMatching(/\/views\/late\/proposals\/p1$/),
  ])
  expect(screen.getByText('Engines and programs outside of Lakeshore are not known.')).toBeTruthy()
})
