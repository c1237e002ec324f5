// @vitest-environment happy-dom
import { listedSnapshot, UNFILTERED } from '@/testing/components/sample-snapshot'
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { summarizeFiles } from '@/lib/contract/table/files'
import { listSnapshots, type Snapshot } from '@/lib/contract/table/snapshots'
import { listTableClients } from '@/lib/contract/table/clients'
import type { TableDetail } from '@/lib/contract/table/tables'
import { listTableUses } from '@/lib/contract/table/uses'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { TableOverview } from './table-overview'

const call = stubApi()

const SUMMARY = {
  dataFileCount: 3,
  dataBytes: 3_072,
  targetBytes: 1,
  isTargetSet: false,
  sizes: [],
  smallestFileBytes: 1_024,
  largestFileBytes: 1_024,
  partitionsByFiles: [],
  partitionsByBytes: [],
  partitionCount: 20,
  partitions: ['date_month=2001-03', 'date_month=2001-02'].map((partition, i) => ({
    specId: 0,
    partition,
    rowCount: 10,
    dataFileCount: 1,
    dataBytes: 2_048 / (i + 1),
    deleteFileCount: 0,
    deleteBytes: 0,
  })),
  nextOffset: null,
}
let snapshots: Snapshot[]

beforeEach(() => {
  const totals = (rows: string, bytes: string) => ({ 'total-records': rows, 'total-files-size': bytes })
  snapshots = [
    listedSnapshot({ snapshotId: '4', committedAtMs: 4_000, summary: totals('30', '3072') }),
    listedSnapshot({ snapshotId: '3', committedAtMs: 3_000, isOnMain: false, summary: totals('99', '9') }),
    listedSnapshot({ snapshotId: '2', committedAtMs: 2_000, summary: {} }),
    listedSnapshot({ snapshotId: '1', committedAtMs: 1_000, parentSnapshotId: '0', summary: totals('10', '1024') }),
  ]
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listSnapshots)
      return { mainSnapshotId: '4', totalCount: snapshots.length, ...UNFILTERED, snapshots, nextOffset: null }
    if (endpoint === summarizeFiles) return SUMMARY
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: [] }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

describe('The overview of a table', () => {
  it('has its size and rows at each snapshot of main, and says what is not known', async () => {
    renderInTable(<TableOverview />)
    await userEvent.click(await screen.findByRole('button', { name: 'Show as table: Size and rows' }))
    const growth = screen.getByRole('region', { name: 'Size and rows' })
    const [, ...rows] = await within(growth).findAllByRole('row')
    expect(
      rows.map((row) =>
        within(row)
          .getAllByRole('cell')
          .slice(1)
          .map(({ textContent }) => textContent),
      ),
    ).toEqual([
      ['1.00 KiB', '10'],
      ['–unknown: not known', '–unknown: not known'],
      ['3.00 KiB', '30'],
    ])
    await userEvent.click(within(growth).getByRole('button', { name: 'Show as chart: Size and rows' }))
    expect(within(growth).getByText(/of 3 snapshots do not say/).textContent).toBe(
      '1 of 3 snapshots do not say their totals. Older snapshots have expired.',
    )
  })

  it('draws no line through one snapshot', async () => {
    snapshots = snapshots.slice(0, 1)
    renderInTable(<TableOverview />)
    expect(await screen.findByText('One snapshot. The chart begins with the second one.')).toBeTruthy()
  })

  it('lists the largest partitions', async () => {
    renderInTable(<TableOverview />)
    const panel = screen.getByRole('region', { name: 'Largest partitions' })
    const items = await within(panel).findAllByRole('listitem')
    expect(items.map(({ textContent }) => textContent)).toEqual([
      'date_month=2001-032.00 KiB',
      'date_month=2001-021.00 KiB',
    ])
    expect(panel.textContent).toContain('of 20')
  })

  it('does not read the manifests of very many files without being asked', async () => {
    const figures = { ...SAMPLE_DETAIL.figures, dataFileCount: 2_000_000 }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, figures } })
    expect(await screen.findByText('The manifests of 2,000,000 files were not read.')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'All partitions' }).getAttribute('href')).toContain(
      '/files?level=partitions',
    )
    expect(call.mock.calls.some(([endpoint]) => endpoint === summarizeFiles)).toBe(false)
  })

  it('has no partitions without partitioning', async () => {
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, partitionedBy: '' } })
    await screen.findByRole('region', { name: 'Size and rows' })
    expect(screen.queryByRole('region', { name: 'Largest partitions' })).toBeNull()
  })

  it('has the columns of the shown state, with what identifies, partitions and sorts its rows', async () => {
    const schema: TableDetail['schema'] = {
      schemaId: 1,
      identifierFieldIds: [1],
      fields: [
        { id: 1, name: 'id', required: true, type: 'long', doc: 'from the shop' },
        {
          id: 2,
          name: 'place',
          required: false,
          type: { type: 'struct', fields: [{ id: 3, name: 'city', required: false, type: 'string' }] },
        },
      ],
    }
    const detail = { ...SAMPLE_DETAIL, schema, partitionSourceIds: [3], sortSourceIds: [1] }
    renderInTable(<TableOverview />, { detail })
    const panel = screen.getByRole('region', { name: 'Columns' })
    const [, ...rows] = within(panel).getAllByRole('row')
    expect(
      rows.map((row) =>
        within(row)
          .getAllByRole('cell')
          .slice(1)
          .map(({ textContent }) => textContent),
      ),
    ).toEqual([
      ['long', 'required', 'from the shop'],
      ['struct<city: string>', 'optional', ''],
    ])
    const marks = rows.map((row) => ['partition', 'sort'].filter((mark) => within(row).queryByText(mark)))
    expect(marks).toEqual([['sort'], ['partition']])
    expect(rows.map((row) => within(row).queryByLabelText('identifier field') !== null)).toEqual([true, false])
    expect(within(panel).getByRole('link', { name: 'Schema' }).getAttribute('href')).toBe(
      '/catalogs/local/namespaces/demo/tables/flights/schema',
    )
  })

  it('lists the first of many columns, and leads to all of them', async () => {
    const fields = Array.from({ length: 120 }, (_, i) => ({
      id: i + 1,
      name: `c${i}`,
      required: false,
      type: 'long' as const,
    }))
    const schema = { schemaId: 1, identifierFieldIds: [], fields }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, schema } })
    const panel = screen.getByRole('region', { name: 'Columns' })
    expect(panel.textContent).toContain('first 12 of 120')
    expect(within(panel).getAllByRole('row')).toHaveLength(13)
    expect(within(panel).getByRole('link', { name: 'All 120 columns' })).toBeTruthy()
  })

  it('has the state in figures, with the changes of the last commit', async () => {
    const shown = { ...SAMPLE_DETAIL.shown, snapshotId: '4', committedAtMs: 4_000 }
    const timeline = [{ snapshotId: '4', committedAtMs: 4_000, isTagged: false }]
    snapshots[0] = {
      ...snapshots[0]!,
      operation: 'append',
      writer: 'spark 3.5',
      rows: { added: 20, removed: null },
      bytes: { added: 2_048, removed: 0 },
    }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, shown, timeline } })
    expect(await screen.findByText('+20 last commit')).toBeTruthy()
    const strip = screen.getByLabelText('State')
    const notes = [...strip.querySelectorAll('dd:last-child')].map(({ textContent }) => textContent)
    expect(notes).toEqual([
      '+20 last commit',
      '+2.00 KiB last commit',
      '100 B on average',
      'nothing to merge',
      'append by spark 3.5',
      'by month(date), unsorted',
      'main, q1',
    ])
  })

  it('does not take the changes of an earlier snapshot for those of a rollback to it', async () => {
    const shown = { ...SAMPLE_DETAIL.shown, snapshotId: '1', committedAtMs: 1_000 }
    const timeline = [1_000, 9_000].map((committedAtMs) => ({ snapshotId: '1', committedAtMs, isTagged: false }))
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, shown, timeline } })
    await screen.findByRole('button', { name: 'Show as table: Size and rows' })
    const strip = screen.getByLabelText('State')
    expect(strip.textContent).toContain('main set to an existing snapshot')
    expect(strip.textContent).not.toContain('+')
  })

  it('connects other engines in a panel that a button opens', async () => {
    renderInTable(<TableOverview />)
    expect(screen.queryByRole('region', { name: 'Snippet' })).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Connect' }))
    const panel = await screen.findByRole('complementary', { name: 'Connect' })
    expect(panel.textContent).toContain('PyIceberg')
    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('complementary')).toBeNull()
  })
})
