// @vitest-environment happy-dom
import { listedSnapshot, UNFILTERED } from '@/testing/components/sample-snapshot'
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTableGrowth, type TableGrowth } from '@/lib/contract/facts/growth'
import { summarizeFiles } from '@/lib/contract/table/files'
import { listSnapshots, type Snapshot } from '@/lib/contract/table/snapshots'
import { listTableClients } from '@/lib/contract/table/clients'
import type { TableDetail } from '@/lib/contract/table/tables'
import { listTableUses } from '@/lib/contract/table/uses'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_PAST, SAMPLE_UNWRITTEN } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { chooseTimeZone } from '@/lib/time-zone'
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
  columns: [
    { fieldId: 1, nullShare: 0, lowerBound: '1', upperBound: '412' },
    { fieldId: 2, nullShare: null, lowerBound: null, upperBound: null },
    { fieldId: 4, nullShare: 0.541, lowerBound: 'ABE', upperBound: 'YUM' },
    {
      fieldId: 5,
      nullShare: 0,
      lowerBound: '2026-07-01 22:30:00+00:00',
      upperBound: '2026-11-26 16:03:00.000001+00:00',
    },
  ],
  nextOffset: null,
}
const NO_GROWTH: TableGrowth = {
  history: null,
  behind: [],
  periodMs: 86_400_000,
  operations: [],
  start: { rows: 0, bytes: 0, files: 0 },
  periods: [],
  notReadRows: 0,
  events: [],
}
let snapshots: Snapshot[]
let growth: TableGrowth

beforeEach(() => {
  growth = NO_GROWTH
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
    if (endpoint === readTableGrowth) return growth
    if (endpoint === summarizeFiles) return SUMMARY
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: [] }
    throw new Error('unexpected call')
  })
})
afterEach(() => {
  cleanup()
  chooseTimeZone(null)
})

describe('The overview of a table', () => {
  it('has its size and rows over time from its history, with events and what is not known', async () => {
    const DAY_MS = 86_400_000
    growth = {
      ...NO_GROWTH,
      history: { firstReadAtMs: 1, readAtMs: 2 },
      behind: [{ catalog: 'local', reason: 'stopped', code: null, completeAtMs: DAY_MS }],
      operations: ['append', 'delete'],
      start: { rows: 10, bytes: 1_024, files: 1 },
      periods: [
        { startMs: 0, endMs: DAY_MS, rows: 10, bytes: 1_024, files: 1, commits: [0, 0] },
        { startMs: DAY_MS, endMs: DAY_MS + 9, rows: 30, bytes: 3_072, files: 2, commits: [2, 1] },
      ],
      notReadRows: -5,
      events: [
        { atMs: 10, kind: 'schema', toId: 7 },
        { atMs: DAY_MS, kind: 'rollback', toId: null },
      ],
    }
    chooseTimeZone('UTC')
    renderInTable(<TableOverview />)
    await screen.findByRole('button', { name: 'Show as table: Size and rows' })
    const panel = screen.getByRole('region', { name: 'Size and rows' })
    expect(within(panel).getByText('3 commits to main since 1 Jan 1970')).toBeTruthy()
    expect(within(panel).getByText('schema 7', { selector: 'text' })).toBeTruthy()
    expect(within(panel).getByText('rolled back', { selector: 'text' })).toBeTruthy()
    expect(within(panel).getByText(/is not read: no worker adds its changes/)).toBeTruthy()
    expect(within(panel).getByText(/^−5 rows, net, are known from totals only/)).toBeTruthy()
    await userEvent.click(within(panel).getByRole('button', { name: 'Show as table: Size and rows' }))
    const [, ...rows] = await within(panel).findAllByRole('row')
    expect(
      rows.map((row) =>
        within(row)
          .getAllByRole('cell')
          .slice(1)
          .map(({ textContent }) => textContent),
      ),
    ).toEqual([
      ['1.00 KiB', '10', '1', '0'],
      ['3.00 KiB', '30', '2', '3'],
    ])
  })

  it('offers to load data into a table without rows, in place of the lanes if it never had any', async () => {
    renderInTable(<TableOverview />, { detail: SAMPLE_UNWRITTEN })
    expect(screen.getByRole('link', { name: 'Load data' }).getAttribute('href')).toContain('/ingest?catalog=')
    expect(screen.queryByRole('radiogroup', { name: 'Range' })).toBeNull()
    cleanup()
    const figures = { ...SAMPLE_DETAIL.figures, rowCount: 0 }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, figures } })
    expect(await screen.findByRole('link', { name: 'Load data' })).toBeTruthy()
  })

  it('says that its history was not read yet', async () => {
    renderInTable(<TableOverview />)
    expect(await screen.findByText(/^The history of this table has not been read yet/)).toBeTruthy()
  })

  it('has the size and rows of an earlier state from its snapshots, and says what is not known', async () => {
    renderInTable(<TableOverview />, { detail: SAMPLE_PAST })
    await userEvent.click(await screen.findByRole('button', { name: 'Show as table: Size and rows' }))
    const panel = screen.getByRole('region', { name: 'Size and rows' })
    await userEvent.click(within(panel).getByRole('button', { name: 'Show as chart: Size and rows' }))
    expect(within(panel).getByText(/of 4 snapshots do not say/).textContent).toBe(
      '1 of 4 snapshots do not say their totals. Older snapshots have expired.',
    )
  })

  it('has neither nulls nor bounds of columns without files, for that reason', async () => {
    const fields = [{ id: 1, name: 'id', type: 'long', required: false }] as const
    const figures = { ...SAMPLE_DETAIL.figures, dataFileCount: 0, rowCount: 0, liveBytes: 0 }
    renderInTable(<TableOverview />, {
      detail: { ...SAMPLE_DETAIL, figures, schema: { ...SAMPLE_DETAIL.schema, fields: [...fields] } },
    })
    const panel = screen.getByRole('region', { name: 'Columns' })
    // Nulls and bounds, in columns and for narrow pages.
    const row = (await within(panel).findAllByRole('row')).at(-1)
    expect(row?.textContent?.match(/unknown: [a-z ]*files/g)).toEqual(Array(4).fill('unknown: there are no data files'))
  })

  it('counts whole files as live bytes, as lists of tables do, and not as the stored bytes of pages', async () => {
    renderInTable(<TableOverview />, { detail: SAMPLE_DETAIL })
    const state = screen.getByLabelText('State')
    expect(within(state).getByText('Live bytes')).toBeTruthy()
    expect(screen.queryByText(/^Stored/)).toBeNull()
  })

  it('says what a rewrite or an expiry could remove, without judging it', async () => {
    const figures = { ...SAMPLE_DETAIL.figures, deleteFileCount: 2 }
    const shown = { ...SAMPLE_DETAIL.shown, snapshotId: '4' }
    const totals = { 'total-records': '200', 'total-position-deletes': '5', 'total-equality-deletes': '0' }
    snapshots[0] = { ...snapshots[0]!, refs: [{ name: 'main', type: 'branch' }], summary: totals }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, figures, shown } })
    const health = screen.getByRole('region', { name: 'Health' })
    expect(await within(health).findByText('none to merge at 1 B')).toBeTruthy()
    expect(await within(health).findByText('2 delete files, 2.5% of rows')).toBeTruthy()
    expect(within(health).getByText('3 of 4 can expire')).toBeTruthy()
    expect(
      within(health)
        .getAllByRole('listitem')
        .map((item) => item.querySelector('svg')?.getAttribute('aria-label')),
    ).toEqual(['good', 'not judged', 'not judged'])
  })

  it('says whether no snapshot is old enough to expire, or a branch or a tag keeps the old ones', async () => {
    const shown = { detail: { ...SAMPLE_DETAIL, shown: { ...SAMPLE_DETAIL.shown, snapshotId: '4' } } }
    snapshots = [listedSnapshot({ committedAtMs: Date.now(), refs: [{ name: 'main', type: 'branch' }] })]
    renderInTable(<TableOverview />, shown)
    expect(await screen.findByText('none older than 5 d')).toBeTruthy()
    cleanup()
    snapshots = [listedSnapshot({ refs: [{ name: 'main', type: 'branch' }] })]
    renderInTable(<TableOverview />, shown)
    expect(await screen.findByText('none can expire; 1 older than 5 d')).toBeTruthy()
  })

  it('says how many files would be enough', async () => {
    const original = call.getMockImplementation()
    call.mockImplementation(async (endpoint: unknown, ...rest: unknown[]) =>
      endpoint === summarizeFiles ? { ...SUMMARY, targetBytes: 4_096 } : original?.(endpoint, ...rest),
    )
    renderInTable(<TableOverview />, {
      detail: { ...SAMPLE_DETAIL, shown: { ...SAMPLE_DETAIL.shown, snapshotId: '4' } },
    })
    expect(await screen.findByText('3 files; 2 would be enough')).toBeTruthy()
  })

  it('has no health of an earlier state', async () => {
    renderInTable(<TableOverview />, { detail: SAMPLE_PAST })
    await screen.findByRole('region', { name: 'Size and rows' })
    expect(screen.queryByRole('region', { name: 'Health' })).toBeNull()
  })

  it('says in one strip who answers for the table and where it is', () => {
    renderInTable(<TableOverview />)
    const about = screen.getByRole('region', { name: 'About' })
    expect(within(about).getByRole('link', { name: 'ada' })).toBeTruthy()
    expect(within(about).getByText('file:///lake/demo/flights')).toBeTruthy()
    expect(within(about).getByText('d201…737c').title).toBe(SAMPLE_DETAIL.tableUuid)
    expect(within(about).getByText('3.json').title).toBe(SAMPLE_DETAIL.metadataLocation)
    expect(within(about).getByRole('button', { name: 'Copy table id' })).toBeTruthy()
    expect(about.contains(screen.getByLabelText('State'))).toBe(true)
  })

  it('lists the largest partitions', async () => {
    renderInTable(<TableOverview />)
    const panel = screen.getByRole('region', { name: 'Largest partitions' })
    const items = await within(panel).findAllByRole('listitem')
    expect(items.map(({ textContent }) => textContent)).toEqual(['2001-032.00 KiB', '2001-021.00 KiB'])
    expect(panel.textContent).toContain('of 20')
  })

  it('does not read the manifests of very many files without being asked', async () => {
    const figures = { ...SAMPLE_DETAIL.figures, dataFileCount: 2_000_000 }
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, figures } })
    expect(await screen.findByText('The manifests of 2,000,000 files were not read.')).toBeTruthy()
    const panel = screen.getByRole('region', { name: 'Largest partitions' })
    expect(within(panel).getByRole('link', { name: 'All' }).getAttribute('href')).toContain('/files?level=partitions')
    expect(
      within(screen.getByRole('region', { name: 'Health' })).getByText(/2,000,000 files were not read/),
    ).toBeTruthy()
    expect(call.mock.calls.some(([endpoint]) => endpoint === summarizeFiles)).toBe(false)
  })

  it('has no partitions without partitioning', async () => {
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, partitionedBy: '' } })
    await screen.findByRole('region', { name: 'Size and rows' })
    expect(screen.queryByRole('region', { name: 'Largest partitions' })).toBeNull()
  })

  it('has the columns of the shown state, with their nulls and bounds, and what identifies, partitions and sorts its rows', async () => {
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
        { id: 4, name: 'origin', required: false, type: 'string' },
        { id: 5, name: 'seen', required: true, type: 'timestamptz' },
      ],
    }
    const detail = { ...SAMPLE_DETAIL, schema, partitionSourceIds: [3], sortSourceIds: [1] }
    chooseTimeZone('Europe/Berlin')
    renderInTable(<TableOverview />, { detail })
    const panel = screen.getByRole('region', { name: 'Columns' })
    await within(panel).findAllByTitle('ABE to YUM')
    const [, ...rows] = within(panel).getAllByRole('row')
    expect(
      rows.map((row) =>
        within(row)
          .getAllByRole('cell')
          .slice(1)
          .map(({ textContent }) => textContent),
      ),
    ).toEqual([
      ['long', 'required', '1 to 412'],
      [
        'struct<city: string>',
        '–unknown: some files have no null count for this column',
        '–unknown: nested columns have no bounds of their own',
      ],
      ['string', '54.1%', 'ABE to YUM'],
      ['timestamptz', 'required', '2026-07-02 00:30:00+02:00 to 2026-11-26 17:03:00.000001+01:00'],
    ])
    expect(within(rows[0]!).getByText('id').title).toBe('from the shop')
    const marks = rows.map((row) => ['partition', 'sort'].filter((mark) => within(row).queryByText(mark)))
    expect(marks).toEqual([['sort'], ['partition'], [], []])
    expect(rows.map((row) => within(row).queryByLabelText('identifier field') !== null)).toEqual([
      true,
      false,
      false,
      false,
    ])
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
    expect(await screen.findByText('+20 last snapshot')).toBeTruthy()
    const strip = screen.getByLabelText('State')
    const notes = [...strip.querySelectorAll('dd:last-child')].map(({ textContent }) => textContent)
    expect(notes).toEqual([
      '+20 last snapshot',
      '+2.00 KiB last snapshot',
      '100 B on average',
      'nothing to merge',
      'append by spark 3.5',
      'by month(date), unsorted',
      'main, q1',
    ])
  })

  it('does not take the rows of removed data files for the change of the rows of the table', async () => {
    const shown = { ...SAMPLE_DETAIL.shown, snapshotId: '4', committedAtMs: 4_000 }
    const timeline = [{ snapshotId: '4', committedAtMs: 4_000, isTagged: false }]
    const rows = { added: 2, removed: 31 }
    const summary = { 'removed-delete-files': '1', 'removed-position-deletes': '10', 'total-delete-files': '0' }
    snapshots[0] = { ...snapshots[0]!, operation: 'overwrite', rows, summary }
    const draw = () => renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, shown, timeline } })
    draw()
    const note = await screen.findByText('change not known')
    expect(note.title).toContain('+2 and −31 rows in data files')
    cleanup()
    snapshots[0] = { ...snapshots[0], summary: { ...summary, 'removed-dvs': '1' } }
    draw()
    expect(await screen.findByText('−19 last snapshot')).toBeTruthy()
  })

  it('does not take the changes of an earlier snapshot for those of a rollback to it', async () => {
    const [committedAtMs, movedAtMs] = [Date.now() - 600_000, Date.now() - 180_000]
    const shown = { ...SAMPLE_DETAIL.shown, snapshotId: '1', committedAtMs }
    const timeline = [committedAtMs, movedAtMs].map((atMs) => ({
      snapshotId: '1',
      committedAtMs: atMs,
      isTagged: false,
    }))
    renderInTable(<TableOverview />, { detail: { ...SAMPLE_DETAIL, shown, timeline } })
    await screen.findByText(/^The history of this table/)
    const strip = screen.getByLabelText('State')
    expect(strip.textContent).toContain('Last snapshot10 min agomain moved 3 min ago')
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
