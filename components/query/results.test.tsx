// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { ZERO_COST } from '@/lib/query/engine'
import type { QueryResult } from '@/lib/query/engine'
import type { AsOf } from '@/lib/iceberg/as-of'
import { chooseTimeZone } from '@/lib/time-zone'
import { EMPTY_RESULT } from '@/testing/components/sample-query-result'
import { Results } from './results'

beforeAll(() => chooseTimeZone('Europe/Berlin'))
afterAll(() => chooseTimeZone(null))

afterEach(cleanup)

const profileResult = vi.fn()
stubQuerySession({ profileResult })

const RESULT: QueryResult = { ...EMPTY_RESULT, isText: true }

test('A result names the files whose size differs from the table’s metadata', () => {
  const sizeMismatches = [{ path: 'file:///lake/a.parquet', declaredBytes: 2000, actualBytes: 1000 }]
  render(<Results result={{ ...RESULT, sizeMismatches }} engine="browser" onRunAgain={() => {}} />)
  const mismatchNote = screen.getByText('1 file with an unexpected size')
  expect(mismatchNote.title).toBe('file:///lake/a.parquet: 1,000 bytes, not 2,000 bytes')
  cleanup()
  render(<Results result={RESULT} engine="browser" onRunAgain={() => {}} />)
  expect(screen.queryByRole('contentinfo')).toBeNull()
})

test('A result names the columns and files whose bounds are null because they cannot be shown', () => {
  const unreadableBounds = { count: 2, named: [{ column: 'city', file: 's3://lake/a.parquet' }] }
  render(<Results result={{ ...RESULT, unreadableBounds }} engine="browser" onRunAgain={() => {}} />)
  expect(screen.getByText('2 bounds cannot be shown and are null').title).toBe('city in s3://lake/a.parquet')
})

test('A result says how many files of its tables were read, and a plan how many it would read', () => {
  const filteredFiles = { files: 3, totalFiles: 214 }
  const read = { ...RESULT, isText: false, columnsRead: 2, totalColumns: 9, filteredFiles }
  const cost = { ...ZERO_COST, filesRead: 3, readBytes: 2048 }
  render(<Results result={{ ...read, cost }} engine="browser" onRunAgain={() => {}} />)
  expect(screen.getAllByRole('status')[0]?.textContent).toContain('read 2.00 KiB in 3 of 214 files, 2 of 9 columns')
  cleanup()
  render(<Results result={{ ...read, isText: true, columnsRead: 0 }} engine="browser" onRunAgain={() => {}} />)
  expect(screen.getAllByRole('status')[0]?.textContent).toContain('would read 3 of 214 files')
})

test.each([
  ['2 of 9 columns, cached', { cachedColumns: 2 }],
  ['no files read, 2 of 9 columns', {}],
  ['read 0 of 214 files, 2 of 9 columns', { filteredFiles: { files: 0, totalFiles: 214 } }],
  ['read 2.00 KiB of metadata, 2 of 9 columns', { cost: { ...ZERO_COST, readBytes: 2048 } }],
  [
    'read 2.00 KiB of metadata, 2 of 9 columns, 1 of them cached',
    { cost: { ...ZERO_COST, readBytes: 2048 }, cachedColumns: 1 },
  ],
])('A result without files says cached only of columns that the browser had: %s', (text, change) => {
  const result = { ...EMPTY_RESULT, columnsRead: 2, totalColumns: 9, ...change }
  render(<Results result={result} engine="browser" onRunAgain={() => {}} />)
  expect(screen.getByTitle(text).textContent).toBe(text)
})

test('The parts of the time add up, and those that overlap are listed separately', async () => {
  const timing = { startMs: 0, planMs: 975, confirmMs: 0, loadMs: 4900, runMs: 2300, totalMs: 8175 }
  render(
    <Results
      result={{ ...RESULT, timing: { ...timing, fetchMs: 4800, decodeMs: 2500, insertMs: 4600 } }}
      engine="browser"
      onRunAgain={() => {}}
    />,
  )
  const parts = '8.2 s (plan 975 ms, load 4.9 s, run 2.3 s); load in parallel: fetch 4.8 s, decode 2.5 s, insert 4.6 s'
  expect(screen.getByText('8.2 s, browser').title).toBe(parts)
  await userEvent.click(screen.getByRole('button', { name: 'Timing' }))
  const details = await screen.findByRole('dialog', { name: 'Read details' })
  expect(details.textContent).toContain(parts)
  // It has nothing that takes the focus, so it does so itself.
  await waitFor(() => expect(document.activeElement).toBe(details))
})

test('A result says which columns have another name in queries, because DuckDB ignores case', async () => {
  const identifier = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const renamedColumns = [{ name: 'ID', queryName: 'ID_2' }]
  const read = {
    identifier,
    asOf: {},
    snapshotId: null,
    committedAtMs: null,
    views: [],
    renamedColumns,
  }
  render(<Results result={{ ...RESULT, tablesRead: [read] }} engine="browser" onRunAgain={() => {}} />)
  await userEvent.click(screen.getByRole('button', { name: '1 table' }))
  expect((await screen.findByRole('list', { name: 'Read from' })).textContent).toBe(
    'demo.flights: no snapshot yet; names that differ only in case: ID as ID_2',
  )
})

test('A result names each table that it read, with its snapshot, the exact time and the zone', async () => {
  const flights = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const read = { identifier: flights, views: [], snapshotId: '3051729675574597004' }
  const committedAtMs = Date.UTC(2026, 10, 21, 2, 35, 42, 517)
  const tablesRead = [
    { ...read, asOf: {}, committedAtMs },
    { ...read, asOf: { ref: 'q1-2001' }, committedAtMs, views: ['demo.late'] },
    { ...read, asOf: { atMs: committedAtMs + 483 }, committedAtMs },
    { ...read, identifier: { ...flights, table: 'new' }, asOf: {}, snapshotId: null, committedAtMs: null },
  ]
  const viewsRead = [{ identifier: { ...flights, table: 'late' }, dialect: 'spark' }]
  render(<Results result={{ ...RESULT, tablesRead, viewsRead }} engine="browser" onRunAgain={() => {}} />)
  await userEvent.click(screen.getByRole('button', { name: '2 tables' }))
  await screen.findByRole('dialog', { name: 'Read details' })
  const snapshot = 'snapshot 3051729675574597004 committed 21 Nov 2026, 03:35:42.517 Europe/Berlin'
  const items = within(screen.getByRole('list', { name: 'Read from' })).getAllByRole('listitem')
  expect(items.map(({ textContent }) => textContent)).toEqual([
    `demo.flights: ${snapshot}`,
    `demo.flights (through demo.late), ref q1-2001: ${snapshot}`,
    `demo.flights, as of 21 Nov 2026, 02:35:43.000 UTC: ${snapshot}`,
    'demo.new: no snapshot yet',
    'view demo.late: its spark SQL, run in DuckDB',
  ])
  expect(
    within(items[0] ?? document.body)
      .getByRole('link')
      .getAttribute('href'),
  ).toBe('/catalogs/local/namespaces/demo/tables/flights?snapshot=3051729675574597004')
})

test('A result of an earlier run says when it was read, and runs again', async () => {
  const onRunAgain = vi.fn()
  render(
    <Results
      result={{ ...RESULT, cachedAtMs: Date.UTC(2026, 10, 21, 13, 2) }}
      engine="browser"
      onRunAgain={onRunAgain}
    />,
  )
  expect(screen.getByRole('status').textContent).toBe('7 ms, browserfrom 14:02, same snapshotsRun again')
  await userEvent.click(screen.getByRole('button', { name: 'Run again' }))
  expect(onRunAgain).toHaveBeenCalledOnce()
  cleanup()
  render(<Results result={RESULT} engine="browser" onRunAgain={onRunAgain} />)
  expect(screen.queryByRole('button', { name: 'Run again' })).toBeNull()
})

test('JSON in a text opens as a tree, with every digit of its numbers', async () => {
  const rows = ['{"id": 9007199254740993}', 'plain']
  const result: QueryResult = {
    ...RESULT,
    isText: false,
    rowCount: 2,
    columns: [{ name: 'payload', type: 'string', sqlType: 'VARCHAR' }],
    batches: [{ rowCount: 2, value: (row) => rows[row] ?? null }],
  }
  render(<Results result={result} engine="browser" onRunAgain={() => {}} />)
  const cell = within(screen.getByRole('grid', { name: 'Results' })).getByText('{"id": 9007199254740993}')
  cell.focus()
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  const panel = await screen.findByRole('complementary', { name: 'payload' })
  expect(within(panel).getByRole('treeitem', { name: /^id/ }).textContent).toContain('9007199254740993')
  await userEvent.click(within(panel).getByRole('button', { name: 'Close' }))
  await userEvent.click(screen.getByText('plain'))
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  expect(screen.queryByRole('complementary')).toBeNull()
})

test('A row opens with all its values, nested ones as a tree, and is the chosen point of the chart', async () => {
  const rows = [
    ['ORD', 9_007_199_254_740_993n, [1]],
    ['ATL', 2n, [2]],
  ]
  const taxi = { type: 'struct', fields: [{ id: 1, name: 'gate', type: 'int', required: false }] } as const
  const result: QueryResult = {
    ...RESULT,
    isText: false,
    rowCount: 2,
    columns: [
      { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
      { name: 'flights', type: 'long', sqlType: 'BIGINT' },
      { name: 'leg', type: taxi, sqlType: 'STRUCT' },
    ],
    batches: [{ rowCount: 2, value: (row, column) => rows[row]?.[column] ?? null }],
  }
  render(<Results result={result} engine="browser" onRunAgain={() => {}} />)
  const grid = screen.getByRole('grid', { name: 'Results' })
  await userEvent.click(within(grid).getByText('flights'))
  // Now ATL is the first row.
  within(grid).getByText('ATL').focus()
  await userEvent.dblClick(within(grid).getByText('ATL'))
  const values = await screen.findByRole('group', { name: 'Values of row 1' })
  expect(values.textContent).toContain('ATL')
  expect(values.textContent).toContain('gate')

  await userEvent.click(screen.getByRole('radio', { name: 'Both' }))
  const chart = await screen.findByRole('application', { name: 'flights by origin, 2 points' })
  expect(screen.getByText('ATL', { selector: '[role=status] span' })).toBeDefined()
  chart.focus()
  await userEvent.keyboard('{Home}{Enter}')
  expect(grid.querySelector('[data-open]')?.textContent).toContain('ORD')
})

test('A result from the storage of the browser says of when it is and how long it stays', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 21, 14, 0) })
  try {
    const onRunAgain = vi.fn()
    const storage = { kind: 'restored', atMs: Date.UTC(2026, 10, 21, 13, 3) } as const
    render(<Results result={RESULT} storage={storage} engine="browser" onRunAgain={onRunAgain} />)
    const note = 'Result of 14:03, kept in this browser until tomorrow 14:03'
    expect(screen.getByRole('status').textContent).toContain(note)
    await userEvent.click(screen.getByRole('button', { name: 'Run again' }))
    expect(onRunAgain).toHaveBeenCalled()
  } finally {
    vi.useRealTimers()
  }
})

test('A result that is too large for the storage of the browser says so, and one without a table only in its details', async () => {
  const refused = (reason: 'too-large' | 'no-tables') => ({ kind: 'refused', reason }) as const
  render(<Results result={RESULT} storage={refused('too-large')} engine="browser" onRunAgain={() => {}} />)
  expect(screen.getByText('not kept after a reload').title).toContain('larger than 32.0 MiB')
  cleanup()
  render(<Results result={RESULT} storage={refused('no-tables')} engine="browser" onRunAgain={() => {}} />)
  expect(screen.queryByText('not kept after a reload')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Timing' }))
  expect(await screen.findByText('Not kept after a reload, because the query reads no table.')).toBeTruthy()
})

test('The panel of a row names types as the headers of the columns do, and shows instants in UTC, the zone of SQL', async () => {
  const columns = [
    { name: 'n', type: 'long', sqlType: 'BIGINT' },
    { name: 'at', type: 'timestamptz', sqlType: 'TIMESTAMP WITH TIME ZONE' },
  ] as const
  const value = (_row: number, column: number) => [1n, 0n][column] ?? null
  const result = { ...RESULT, isText: false, columns, batches: [{ rowCount: 1, value }], rowCount: 1 }
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900)
  render(<Results result={result} engine="browser" onRunAgain={() => {}} />)
  await userEvent.dblClick(screen.getByRole('gridcell', { name: '1' }))
  const panel = await screen.findByRole('complementary', { name: 'Row 1' })
  const types = [...panel.querySelectorAll('dt code')].map(({ textContent }) => textContent)
  vi.restoreAllMocks()
  expect(types).toEqual(['bigint', 'timestamptz'])
  // The reader has another zone.
  expect(within(panel).getByText('1970-01-01 00:00:00+00:00')).toBeDefined()
  expect(screen.getByText('timestamptz is shown in UTC, the zone of SQL')).toBeDefined()
})

test('The menu of a column profiles it over the rows of the result, which stay as they are', async () => {
  const value = (row: number) => [1n, null, 3n][row] ?? null
  const columns = [{ name: 'delay', type: 'long', sqlType: 'BIGINT' } as const]
  const result = { ...RESULT, isText: false, columns, batches: [{ rowCount: 3, value }], rowCount: 3 }
  const values = {
    distinctCount: 2,
    isDistinctExact: true,
    nanCount: null,
    infiniteCount: null,
    min: 1n,
    max: 9007199254740993n,
    top: [{ value: 1n, count: 1 }],
    histogram: [1, 1],
    finite: null,
    lengths: null,
  } as const
  profileResult.mockResolvedValue({ rowCount: 3, nullCount: 1, values })
  render(<Results result={result} engine="server" onRunAgain={() => {}} />)
  await userEvent.click(screen.getByRole('button', { name: 'Options for delay' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Profile column' }))
  const panel = await screen.findByRole('complementary', { name: /^Profile of delay/ })
  expect(await within(panel).findByText('3 rows, all of this result')).toBeTruthy()
  expect(within(panel).getByText('Max').nextElementSibling?.textContent).toBe('9007199254740993')
  expect(profileResult).toHaveBeenCalledExactlyOnceWith(result, 0, expect.any(AbortSignal))
})

test('A result that was read as of another time than the query is set to says both', () => {
  const show = (read: AsOf | null, set: AsOf | null) => {
    cleanup()
    render(<Results result={EMPTY_RESULT} asOf={{ read, set }} engine="browser" onRunAgain={() => {}} />)
    return screen.getAllByRole('status')[0]?.textContent
  }
  const atMs = Date.UTC(2026, 10, 14, 12, 31, 19)
  expect(show({ atMs }, { ref: 'q1' })).toContain('read as of 14 Nov 2026, 13:31:19 UTC+1, query set to q1')
  expect(show(null, { ref: 'q1' })).toContain('read as of now, query set to q1')
  expect(show({ atMs }, { atMs })).not.toContain('query set to')
  expect(show(null, null)).not.toContain('query set to')
})

test('A result can be saved as a table where the page offers it, and a plan cannot', async () => {
  const onSave = vi.fn()
  const rows = { ...RESULT, isText: false }
  render(<Results result={rows} engine="server" onRunAgain={() => {}} onSave={onSave} />)
  await userEvent.click(screen.getByRole('button', { name: 'Save as table…' }))
  expect(onSave).toHaveBeenCalledOnce()
  cleanup()
  render(<Results result={rows} engine="server" onRunAgain={() => {}} />)
  expect(screen.queryByRole('button', { name: 'Save as table…' })).toBeNull()
  cleanup()
  render(<Results result={RESULT} engine="server" onRunAgain={() => {}} onSave={onSave} />)
  expect(screen.queryByRole('button', { name: 'Save as table…' })).toBeNull()
})
