// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  type AuditCounts,
  type AuditEntryView,
  countAuditEntries,
  getAuditEntry,
  listAuditEntries,
} from '@/lib/contract/audit'
import { type AuditReceiverView, listAuditReceivers } from '@/lib/contract/audit-receivers'
import type { TableBadge } from '@/lib/contract/shapes/lake'
import { compareMetadataFiles } from '@/lib/contract/table/files'
import { previewUndo, type UndoPreview } from '@/lib/contract/table/history'
import { InitialSession } from '@/lib/client/session/initial-session'
import { AppError } from '@/lib/errors'
import { ROLE_PERMISSIONS, type Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import * as charts from '@/components/chart/stacked-bars'
import { SAMPLE_REF_MOVE } from '@/testing/contract/sample-ref-move'
import { AuditEntryPanel } from './audit-entry-panel'
import { AuditPage } from './audit-page'

const call = stubApi()
const router = { push: vi.fn() }
// Its own test draws the chart; here its steps are compared.
beforeEach(() => {
  vi.spyOn(charts, 'StackedBars').mockImplementation(({ label, stacks, onSelect }) => (
    <button type="button" title={label} onClick={() => onSelect?.(3_600_000, 7_200_000)}>
      {JSON.stringify(stacks)}
    </button>
  ))
})

afterEach(() => {
  cleanup()
  router.push.mockReset()
})

const INVOICES = { catalog: 'lake', namespace: ['finance'], table: 'invoices' }
const ENTRY: AuditEntryView = {
  id: 'E1',
  atMs: 1_000,
  actor: 'maria',
  source: 'console',
  job: null,
  via: null,
  address: null,
  action: 'roll-back',
  table: { ...INVOICES, isView: false },
  namespace: null,
  subject: null,
  changes: [{ kind: 'ref', name: 'main', before: '4410927715508349923', after: '8127733019962310051' }],
  changeCount: 3,
  refusal: null,
  outcome: 'done',
  requestId: 'req-1',
  undoes: null,
  undoneBy: null,
}
const REFUSED: AuditEntryView = {
  ...ENTRY,
  id: 'E2',
  actor: 'tariq',
  source: 'engine',
  via: { client: 'Trino', token: 'adhoc' },
  action: 'refuse-request',
  changes: [],
  changeCount: 0,
  refusal: { operation: 'dropTable', code: 'invalid-request', reason: 'The table is protected.', count: 7 },
  outcome: 'refused',
}

const UNDO: UndoPreview = {
  action: 'roll-back',
  properties: [],
  impact: { ...SAMPLE_REF_MOVE, unreferencedSnapshotIds: ['1', '2'] },
  needsConfirmation: true,
  intents: [],
  request: { path: '/v1/x', body: '{}' },
}

type Page = {
  entries: AuditEntryView[]
  nextBefore: string | null
  isTruncated: boolean
  oldestReadAtMs: number | null
  badges: TableBadge[]
}
const COUNTS: AuditCounts = {
  fromMs: 0,
  toMs: 10_000_000,
  stepMs: 3_600_000,
  counts: [
    { startMs: 0, outcome: 'done', entryCount: 1200 },
    { startMs: 3_600_000, outcome: 'done', entryCount: 34 },
    { startMs: 3_600_000, outcome: 'refused', entryCount: 8 },
  ],
  isTruncated: true,
}
const MARK: TableBadge = { table: INVOICES, badge: 'deprecated', badgeReason: 'Use bills.' }
const END = { nextBefore: null, isTruncated: false, oldestReadAtMs: 500, badges: [MARK] }

const RECEIVER: AuditReceiverView = {
  name: 'webhook',
  target: 'siem.example.com',
  waitingCount: 0,
  hasMore: false,
  oldestWaitingAtMs: null,
  deliveredAtMs: 1_000,
  failure: null,
}
let receivers: AuditReceiverView[] = []

function answer(...pages: Page[]) {
  call.mockImplementation(async (endpoint: unknown, input: { before?: string }) => {
    if (endpoint === countAuditEntries) return COUNTS
    if (endpoint === listAuditReceivers) return { receivers }
    if (endpoint !== listAuditEntries) throw new Error('unexpected call')
    return pages[input.before === undefined ? 0 : 1]
  })
}

function show(children: ReactNode, { role = 'admin', search = '' }: { role?: Role; search?: string } = {}) {
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(['session'], { permissions: [...ROLE_PERMISSIONS[role]] })
  render(
    <QueryClientProvider client={client}>
      <InitialSession value={{ userId: 'u', permissions: [...ROLE_PERMISSIONS[role]] }}>
        <NuqsTestingAdapter searchParams={search} onUrlUpdate={onUrlUpdate} hasMemory>
          {children}
        </NuqsTestingAdapter>
      </InitialSession>
    </QueryClientProvider>,
    // The router does not know the filters yet, as for a moment after each change.
    { router },
  )
  return onUrlUpdate
}

const listCalls = () => call.mock.calls.filter(([endpoint]) => endpoint === listAuditEntries).map(([, input]) => input)

it('shows a failed test of a connection as failed, with what was tested', async () => {
  const subject = { kind: 'connection' as const, name: 'https://catalog.example', id: null }
  const failed: AuditEntryView = {
    ...ENTRY,
    action: 'fail-connection-test',
    table: null,
    subject,
    changes: [{ kind: 'value', name: 'failed step', before: null, after: 'address' }],
    changeCount: 1,
    outcome: 'failed',
  }
  answer({ entries: [failed], ...END })
  show(<AuditPage>{null}</AuditPage>)
  const row = (await screen.findByText('https://catalog.example')).closest('tr')
  expect(row?.textContent).toContain('Connection test failed')
  expect(row?.querySelector('[data-outcome=failed]')?.textContent).toBe('failed')
})

it('shows who did what by which way in, and why something was refused', async () => {
  answer({ entries: [REFUSED, ENTRY], ...END })
  show(<AuditPage>{null}</AuditPage>, { search: 'range=30d' })
  const refused = (await screen.findByText('tariq')).closest('tr')
  expect(refused?.textContent).toContain('Trino · token adhoc')
  expect(refused?.textContent).toContain('7 times within a minute, drop table: The table is protected.')
  expect(refused?.textContent).toContain('refused')
  const done = screen.getByText('maria').closest('tr')
  expect(done?.textContent).toContain('in this console')
  expect(done?.textContent).toContain('lake finance.invoices')
  expect(done?.textContent).toContain('main 4410927715508349923 → 8127733019962310051 and 2 more')
  await userEvent.click(screen.getByText('maria'))
  expect(router.push).toHaveBeenCalledWith('/audit/E1?range=30d', { scroll: false })
})

it('says what happened in the words of the history, and who was granted what', async () => {
  const column = { kind: 'column', name: 'score', before: 'double', after: null } as const
  const setting = {
    kind: 'property',
    name: 'lakeshore.parquet.column.6.compression-codec',
    label: 'codec of route',
    before: null,
    after: 'zstd',
  } as const
  const grant = { kind: 'grant', name: 'analysts', before: null, after: 'viewer' } as const
  const entry = (id: string, action: string, changes: AuditEntryView['changes']) => ({
    ...ENTRY,
    id,
    action,
    changes,
    changeCount: changes.length,
  })
  answer({
    entries: [
      entry('E3', 'change-schema', [column, { ...column, name: 'note' }]),
      entry('E4', 'set-properties', [setting]),
      entry('E5', 'add-grant', [grant]),
      entry('E6', 'remove-grant', [{ ...grant, before: 'viewer', after: null }]),
    ],
    ...END,
  })
  show(<AuditPage>{null}</AuditPage>)
  const rows = (await screen.findAllByText('maria')).map((cell) => cell.closest('tr')?.textContent)
  expect(rows[0]).toContain('Removed column score, was double and 1 more')
  expect(rows[1]).toContain('codec of route not set → zstd')
  expect(rows[2]).toContain('Granted viewer to analysts')
  expect(rows[3]).toContain('Revoked viewer from analysts')
})

it('shows the date in the first row of each day, and its time in every row', async () => {
  const day = 86_400_000
  const at = (id: string, atMs: number) => ({ ...ENTRY, id, atMs })
  answer({ entries: [at('E9', 3 * day + 2_000), at('E8', 3 * day + 1_000), at('E7', 2 * day)], ...END })
  show(<AuditPage>{null}</AuditPage>)
  const times = (await screen.findAllByText('maria')).map((cell) => cell.closest('tr')?.querySelector('time'))
  expect(times.map((time) => time?.textContent)).toEqual([
    '00:00:02 4 Jan 1970',
    '00:00:01 4 Jan 1970',
    '00:00:00 3 Jan 1970',
  ])
  expect(times.map((time) => time?.querySelector('[data-repeated]') !== null)).toEqual([false, true, false])
})

it('The chart has no legend of outcomes that no entry has', async () => {
  answer({ entries: [], ...END })
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: object) =>
    endpoint === countAuditEntries ? { ...COUNTS, counts: [] } : others?.(endpoint, input),
  )
  show(<AuditPage>{null}</AuditPage>, { search: '?outcome=refused' })
  expect(await screen.findByText('No entries in this period match these filters.')).toBeTruthy()
  expect((await screen.findByText(/drag to choose a time/)).textContent).toBe(
    'entries per hour; drag to choose a time, of the newest 100,000',
  )
  expect(screen.queryByText('done', { selector: 'li' })).toBeNull()
})

it('says how far the audit was forwarded, and why not further', async () => {
  const failure = { sinceMs: 2_000, count: 3, error: 'It answered 500.' }
  receivers = [
    RECEIVER,
    { ...RECEIVER, name: 'syslog', target: 'tls://siem:6514', waitingCount: 12, oldestWaitingAtMs: 500, failure },
  ]
  answer({ entries: [], ...END })
  show(<AuditPage>{null}</AuditPage>)
  const [webhook, syslog] = within(await screen.findByRole('list', { name: 'Forwarded to' })).getAllByRole('listitem')
  expect(webhook?.textContent).toMatch(/^Forwarded to webhook siem.example.com: up to date, last /)
  expect(syslog?.textContent).toMatch(/syslog tls:\/\/siem:6514: 12 entries wait, the oldest from .*It answered 500\.$/)
  receivers = []
})

it('keeps its filters in the address, and asks for what fits them', async () => {
  answer({ entries: [], ...END })
  const onUrlUpdate = show(<AuditPage>{null}</AuditPage>, {
    search: '?range=all&actor=ada&catalog=lake&namespace=sales%1feu&table=t&outcome=refused&source=nonsense',
  })
  expect(await screen.findByText('No entries in this period match these filters.')).toBeTruthy()
  expect(listCalls()[0]).toEqual({
    actor: 'ada',
    catalog: 'lake',
    namespace: ['sales', 'eu'],
    table: 't',
    outcome: 'refused',
  })
  expect(screen.getByText(/^“nonsense” in \?source= is none of .* All sources are listed\.$/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Show all targets' }))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?range=all&actor=ada&outcome=refused&source=nonsense')
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?range=all')
})

it('counts entries over time, with a bar for times without any, and takes the time that was chosen in the chart', async () => {
  answer({ entries: [ENTRY], ...END })
  const onUrlUpdate = show(<AuditPage>{null}</AuditPage>, { search: '?actor=maria' })
  const chart = await screen.findByRole('button', { name: /startMs/ })
  expect(JSON.parse(chart.textContent ?? '')).toEqual([
    { startMs: 0, values: [1200, 0] },
    { startMs: 3_600_000, values: [34, 8] },
    { startMs: 7_200_000, values: [0, 0] },
  ])
  expect(chart.title).toBe('Entries over time. Refusals repeated within a minute are one entry.')
  expect(screen.getByText('1,234').closest('li')?.textContent).toBe('done 1,234')
  expect(screen.getByText(/^entries per hour; drag to choose a time, of the newest 100,000\. /).textContent).toContain(
    'Refusals repeated within a minute are one entry.',
  )
  await userEvent.click(chart)
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?actor=maria&from=3600000&to=7200000')
  expect(listCalls().at(-1)).toEqual({ actor: 'maria', fromMs: 3_600_000, toMs: 7_200_000 })
})

it('says how far it has looked back when a page was cut, and goes on', async () => {
  answer(
    { entries: [], nextBefore: '100000000000000007', isTruncated: true, oldestReadAtMs: 500, badges: [] },
    { entries: [ENTRY], ...END },
  )
  show(<AuditPage>{null}</AuditPage>, { search: '?actor=maria' })
  expect(await screen.findByText('No entries match so far. There are older ones to look at.')).toBeTruthy()
  expect(screen.getByText(/looked back to/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Look further back' }))
  expect(await screen.findByRole('row', { name: /maria/ })).toBeTruthy()
  expect(listCalls()[1]).toMatchObject({ before: '100000000000000007' })
})

it('tells users without the permission where they find what was done to a table, and asks for nothing', async () => {
  show(<AuditPage>{null}</AuditPage>, { role: 'editor' })
  expect(await screen.findByText(/Only admins see the audit/)).toBeTruthy()
  expect(listCalls()).toEqual([])
})

it('opens an entry with its values, what followed, and the undo with what it would leave behind', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === previewUndo) return UNDO
    if (endpoint !== getAuditEntry) throw new Error('unexpected call')
    return {
      entry: ENTRY,
      isUndoable: true,
      intents: [{ kind: 'set-property', key: 'owner', value: 'ada', base: null }],
      metadata: { before: 's3://b/1.json', after: 's3://b/2.json' },
      laterEntries: [{ id: 'E3', atMs: 2_000, actor: 'ada', action: 'append', outcome: 'done' }],
      badges: [MARK],
    }
  })
  show(<AuditEntryPanel auditId="E1" />, { search: 'outcome=refused' })
  const panel = await screen.findByRole('complementary', { name: 'Roll back' })
  expect(panel.textContent).toContain('− 4410927715508349923')
  expect(panel.textContent).toContain('+ 8127733019962310051')
  expect(panel.textContent).toContain('2 more changes not shown.')
  expect(panel.textContent).toContain('req-1')
  expect(await within(panel).findByRole('img', { name: 'deprecated' })).toBeTruthy()
  expect(within(panel).getByRole('link', { name: 'Append' }).getAttribute('href')).toBe('/audit/E3?outcome=refused')
  const undo = await within(panel).findByRole('link', { name: 'Undo…' })
  expect(undo.getAttribute('href')).toBe('/catalogs/lake/namespaces/finance/tables/invoices/history?undo=E1')
  expect(panel.textContent).toContain('An undo would leave 2 snapshots without a branch or tag.')
})

const DETAIL = {
  entry: ENTRY,
  isUndoable: false,
  intents: [],
  metadata: { before: 's3://b/1.json', after: 's3://b/2.json' },
  laterEntries: [],
  badges: [],
}

it('shows the times that an entry changed as other times, in the list and alone', async () => {
  const ends = { kind: 'time' as const, name: 'old secret ends', before: null, after: '2026-11-29T13:04:46.045Z' }
  const entry = { ...ENTRY, id: 'E8', action: 'rotate-token', changes: [ends], changeCount: 1 }
  answer({ entries: [entry], ...END })
  show(<AuditPage>{null}</AuditPage>)
  const line = await screen.findByText(/^old secret ends/)
  expect(line.textContent).toBe('old secret ends 29 Nov 2026, 13:04:46 UTC')
  expect(line.title).toBe('old secret ends: not set → 29 Nov 2026, 13:04:46 UTC')
  cleanup()
  call.mockImplementation(async () => ({ ...DETAIL, entry, metadata: { before: null, after: null } }))
  show(<AuditEntryPanel auditId="E8" />)
  const panel = await screen.findByRole('complementary', { name: 'Rotate token' })
  expect(panel.textContent).toContain('+ 29 Nov 2026, 13:04:46 UTC')
})

it('says why an entry cannot be undone now', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getAuditEntry) return { ...DETAIL, isUndoable: true, metadata: { before: null, after: null } }
    throw new AppError('commit-conflict', 'main has moved since.')
  })
  show(<AuditEntryPanel auditId="E1" />)
  expect(await screen.findByText('It cannot be undone now. main has moved since.')).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'Undo…' })).toBeNull()
})

it('shows what a commit did to the figures of its table, and how the metadata differs, with the rest', async () => {
  const differences = Array.from({ length: 14 }, (_, i) => ({ path: `refs.r${i}`, before: null, after: `"v${i}"` }))
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getAuditEntry) return DETAIL
    if (endpoint !== compareMetadataFiles) throw new Error('unexpected call')
    return {
      figures: {
        before: { rowCount: 1_204_118, dataFileCount: 318, deleteFileCount: null, liveBytes: 2048, refCount: 3 },
        after: { rowCount: 1_201_902, dataFileCount: 318, deleteFileCount: 0, liveBytes: 1024, refCount: 4 },
      },
      isTruncated: false,
      differences,
    }
  })
  show(<AuditEntryPanel auditId="E1" />)
  const figures = await screen.findByRole('table', { name: 'Figures' })
  const rows = within(figures).getAllByRole('row').slice(1)
  expect(rows.map((row) => [...row.children].map(({ textContent }) => textContent))).toEqual([
    ['Rows', '1,204,118', '1,201,902', '−2,216'],
    ['Data files', '318', '318', '0'],
    ['Delete files', expect.stringContaining('–'), '0', expect.stringContaining('–')],
    ['Bytes', '2.00 KiB', '1.00 KiB', '−1.00 KiB'],
    ['Branches and tags', '3', '4', '+1'],
  ])
  const differing = screen.getByRole('group', { name: 'Differences' })
  expect(differing.querySelectorAll('dt')).toHaveLength(12)
  const all = screen.getByRole('link', { name: '14 differences' })
  expect(all.getAttribute('href')).toMatch(/invoices\/files\?level=metadata&to=s3/)
})

it('says why the metadata of an entry cannot be compared, and compares none of views and new tables', async () => {
  const answerWith = (detail: object) =>
    call.mockImplementation(async (endpoint: unknown) => {
      if (endpoint === getAuditEntry) return { ...DETAIL, ...detail }
      throw new AppError('file-missing', 'The metadata file is gone: s3://b/1.json')
    })
  answerWith({})
  show(<AuditEntryPanel auditId="E1" />)
  expect((await screen.findByRole('alert')).textContent).toContain('The metadata file is gone: s3://b/1.json')
  for (const detail of [
    { metadata: { before: null, after: 's3://b/1.json' } },
    { entry: { ...ENTRY, table: { ...INVOICES, isView: true } } },
  ]) {
    cleanup()
    call.mockReset()
    answerWith(detail)
    show(<AuditEntryPanel auditId="E1" />)
    await screen.findByText('req-1')
    expect(call.mock.calls.map(([endpoint]) => endpoint)).not.toContain(compareMetadataFiles)
  }
})

it('says that an entry does not exist, with the way back', async () => {
  call.mockRejectedValue(new AppError('not-found', 'The audit has no such entry.', { facts: { auditId: 'X' } }))
  show(<AuditEntryPanel auditId="X" />, { search: 'outcome=refused' })
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('No such entry in the audit')
  await userEvent.click(within(note).getByRole('button', { name: 'Back to the audit' }))
  expect(router.push).toHaveBeenCalledWith('/audit?outcome=refused', { scroll: false })
})

it('says which parts of its address it ignores', async () => {
  answer({ entries: [], ...END })
  show(<AuditPage>{null}</AuditPage>, { search: '?range=zz&from=zz&to=zz&outcome=zz&namespace=demo&table=t' })
  expect(await screen.findByText(/^“zz” in \?range= is none of .* The last 7 d are listed\.$/)).toBeTruthy()
  expect(screen.getByText('“zz” in ?from= is not a time in milliseconds since 1970.')).toBeTruthy()
  expect(screen.getByText('“zz” in ?to= is not a time in milliseconds since 1970.')).toBeTruthy()
  expect(screen.getByText(/^“zz” in \?outcome= is .* All outcomes are listed\.$/)).toBeTruthy()
  expect(screen.getByText('“demo” in ?namespace= needs a catalog in ?catalog=.')).toBeTruthy()
  expect(screen.getByText('“t” in ?table= needs a namespace in ?namespace=.')).toBeTruthy()
})
