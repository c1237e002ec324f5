import { beforeAll, expect, it } from 'vitest'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { grantsOfRole } from '@/lib/permissions'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import { newRunChange } from '@/server/db/jobs/runs'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { toTestCommit, writeStorageRows } from '@/testing/facts/storage-rows'
import { readCompression } from './compression'

const testHome = createTestHome()
const DAY_MS = 86_400_000
const TODAY = Math.floor(Date.UTC(2026, 10, 29) / DAY_MS)
const NOW_MS = TODAY * DAY_MS + 3_600_000
const ADMIN: Actor = { userId: 'u1', username: 'eva', role: 'admin', grants: grantsOfRole('admin') }
const name = (table: string) => ({ catalog: 'local', namespace: ['shop'], table })
const READER: Actor = {
  userId: 'u2',
  username: 'ann',
  role: null,
  grants: [{ permission: 'table:read', resource: name('orders') }],
}
const read = (
  actor: Actor,
  { from = -3, to = 1, filesBy }: { from?: number; to?: number; filesBy?: StorageCut } = {},
) =>
  readCompression(
    testHome.services,
    actor,
    { scope: {}, fromMs: (TODAY + from) * DAY_MS, toMs: (TODAY + to) * DAY_MS, filesBy },
    { nowMs: NOW_MS },
  )
async function addEndedRun(kind: string, exclusiveKey: string, spec: JsonObject, outcome: JsonObject): Promise<void> {
  const id = `01${kind}-${exclusiveKey.length}`
  const actor = { userId: 'u1', username: 'eva', role: 'admin' as const }
  await testHome.database.commit([
    newRunChange(id, { kind, title: kind, spec, actor, table: name('orders'), exclusiveKey }),
    rawChange("UPDATE runs SET state = 'succeeded', outcome = ?, created_at_ms = ?, finished_at_ms = ? WHERE id = ?", [
      JSON.stringify(outcome),
      NOW_MS - 1,
      NOW_MS - 1,
      id,
    ]),
  ])
}

type Result = Awaited<ReturnType<typeof read>>

/** Whatever the page adds up is the same three sizes. */
function expectSums({ sizes, levels, columns, otherColumns, codecs, tables, otherTables }: Result) {
  const add = (
    rows: readonly { plainBytes: number; encodedBytes: number; storedBytes: number }[],
    size: 'plainBytes' | 'encodedBytes' | 'storedBytes',
  ) => sum(rows.map((row) => row[size]))
  const { unreadBytes, dataBytes, footerBytes, deleteBytes } = sizes
  for (const pages of [[...columns, otherColumns], codecs]) {
    expect(add(pages, 'storedBytes') + footerBytes + deleteBytes + unreadBytes).toBe(sizes.storedBytes)
    const factor = sizes.isProjected ? dataBytes / (dataBytes - unreadBytes) : 1
    expect(Math.round(add(pages, 'plainBytes') * factor)).toBe(sizes.plainBytes)
    expect(Math.round(add(pages, 'encodedBytes') * factor)).toBe(sizes.encodedBytes)
  }
  for (const size of ['plainBytes', 'encodedBytes', 'storedBytes'] as const)
    expect(add([...tables, otherTables], size)).toBe(sizes[size])
  expect(levels.at(-1)).toMatchObject({
    storedBytes: sizes.storedBytes,
    plainBytes: sizes.isProjected ? sizes.plainBytes : null,
  })
}

beforeAll(async () => {
  const { database } = testHome
  await writeStorageRows(database, {
    id: 1,
    table: name('orders'),
    totalBytes: 1_100,
    storage: { codec: 'zstd', as_set_bytes: 900, set_bytes: 1_000, column_count: 3 },
    parts: {
      'codec:zstd': {
        now: [900, 1_800, 4_500],
        days: { [TODAY - 2]: [400, 800, 2_000], [TODAY]: [100, 200, 1_000] },
      },
      'codec:snappy': { now: [100, 200, 250], days: { [TODAY - 2]: [-400, -800, -900] } },
      footers: { now: [60], days: { [TODAY]: [20] } },
      deletes: { now: [40] },
      history: { now: [500], days: { [TODAY - 1]: [300] } },
    },
    columns: {
      id: { now: [600, 1_200, 3_000], days: { [TODAY - 2]: [100, 100, 1_000] } },
      note: { now: [300, 500, 1_200] },
    },
    cuts: {
      writer: { 'spark 3': [700, 1_200, 4_000], duckdb: [310, 700, 700] },
      age: { '2026-11': [400, 1_000, 3_000], '2024-11': [600, 900, 1_600] },
    },
  })
  await writeStorageRows(database, {
    id: 2,
    table: name('secret'),
    totalBytes: 1_000,
    storage: {
      codec: null,
      data_files: 10,
      read_files: 8,
      unreadable_files: 1,
      other_format_files: 1,
      problem: 'gone.parquet is missing',
    },
    parts: { 'codec:gzip': { now: [750, 1_000, 1_500] }, footers: { now: [50] }, unread: { now: [200] } },
    columns: { text: { now: [750, 1_000, 1_500], codecs: ['gzip'] } },
    cuts: { writer: { 'spark 3': [500, 600, 900], ' others': [100, 200, 300] } },
  })
})

it('Compression has one set of sizes for all lists, and levels that are those of now less what changed later', async () => {
  const result = await read(READER)
  expectSums(result)
  expect(result).toMatchObject({
    tableCount: 1,
    sizes: { plainBytes: 4_750, encodedBytes: 2_000, storedBytes: 1_100, unreadBytes: 0, footerBytes: 60 },
    asSet: { asSetBytes: 900, setBytes: 1_000, differentTables: 1 },
    otherColumns: { columnCount: 1, storedBytes: 100 },
    retainedTables: 1,
  })
  expect(result.levels.map(({ atMs }) => (atMs - TODAY * DAY_MS) / 3_600_000)).toEqual([-72, -48, -24, 0, 1])
  expect(result.levels.map(({ plainBytes, storedBytes }) => [plainBytes, storedBytes])).toEqual([
    [2_650, 980],
    [2_650, 980],
    [3_750, 980],
    [3_750, 980],
    [4_750, 1_100],
  ])
  expect(result.levels.map(({ retained }) => retained?.history)).toEqual([200, 200, 200, 500, 500])
  expect(result.codecs.map(({ codec, ratios }) => [codec, ratios.at(0), ratios.at(-1)])).toEqual([
    ['zstd', 1_500 / 400, 5],
    ['snappy', 1_150 / 500, 2.5],
  ])
  expect(result.columns[0]?.ratios).toEqual([4, 4, 5, 5, 5])
  expect(JSON.stringify(result)).not.toContain('secret')
})

it('Compression takes files that were not read for files like the others, and says how many they are', async () => {
  const result = await read(ADMIN)
  expectSums(result)
  const projected = Math.round(6_250 * (2_060 / 1_860))
  expect(result).toMatchObject({
    sizes: { plainBytes: projected, storedBytes: 2_100, unreadBytes: 200, isProjected: true },
    files: {
      total: 11,
      read: 9,
      unreadable: 1,
      otherFormat: 1,
      problem: { table: name('secret'), text: 'gone.parquet is missing' },
      partlyRead: { tableCount: 1, largest: name('secret') },
    },
  })
})

it('Compression ends an earlier period with the sizes of that time', async () => {
  const result = await read(READER, { from: -3, to: -2 })
  expectSums(result)
  expect(result.levels.map(({ plainBytes }) => plainBytes)).toEqual([2_650, 2_650])
  expect(result.tables).toMatchObject([{ plainBytes: 2_650, storedBytes: 980 }])
})

it('Compression counts tables without a measurement as not read, and draws no line below four fifths', async () => {
  await writeStorageRows(testHome.database, {
    id: 3,
    table: name('new'),
    totalBytes: 9_000,
    storage: null,
    bytesByDay: { [TODAY - 1]: 9_000 },
  })
  const result = await read(ADMIN)
  expectSums(result)
  expect(result).toMatchObject({
    sizes: { plainBytes: 6_250, storedBytes: 11_100, unreadBytes: 9_200, isProjected: false },
    files: { unmeasuredTables: 1 },
    tables: [{ table: name('new'), storedBytes: 9_000, unreadBytes: 9_000 }, {}, {}],
  })
  // Its bytes were there before it is measured.
  expect(result.levels.map(({ storedBytes, plainBytes }) => [storedBytes, plainBytes === null])).toEqual([
    [1_980, false],
    [1_980, false],
    [1_980, false],
    [10_980, true],
    [11_100, true],
  ])
})

it('Compression names codecs that were set and files that were rewritten, and tables written otherwise than set', async () => {
  const { database } = testHome
  const atMs = (TODAY - 2) * DAY_MS + 5
  const rewrite = toTestCommit({ seq: 9, atMs: atMs + 1, operation: 'replace', added: 300, removed: 1_000 })
  const event = (names: string[], offset: number) => ({
    atMs: atMs + offset,
    kind: 'properties' as const,
    names,
    count: names.length,
  })
  await database.commit(
    addedFactChanges(
      { id: 1, catalog: 'local' },
      {
        rows: [rewrite, { ...rewrite, seq: 10, atMs: atMs + 2, snapshotId: '10' }],
        events: [event(['write.parquet.compression-codec'], 0), event(['owner'], 1)],
      },
    ),
  )
  const trial = { encodedBytes: 1, storedBytes: 1, encodeMs: 1, decodeMs: 1, error: 0 }
  const runs = [
    {
      kind: 'compression-trial',
      key: 'compression-trial u-1 1',
      spec: { fieldId: 1 },
      outcome: { trials: [{ codec: 'zstd', level: 3, change: -0.5, ...trial }] },
    },
    {
      kind: 'compression-trial',
      key: 'compression-trial other 2',
      spec: { fieldId: 2 },
      outcome: { trials: [{ codec: 'zstd', level: 3, change: -0.9, ...trial }] },
    },
    {
      kind: 'rewrite-files',
      key: 'rewrite-files u-1',
      spec: {},
      outcome: { filesRewritten: 4, bytesBefore: 1_000, bytesAfter: 300, codecs: 'zstd' },
    },
  ]
  for (const { kind, key, spec, outcome } of runs) await addEndedRun(kind, key, spec, outcome)
  const result = await read(READER)
  expect(result.changes).toEqual([
    {
      kind: 'codec',
      atMs,
      table: name('orders'),
      codec: 'zstd',
      writer: null,
      commits: 0,
      bytesBefore: null,
      bytesAfter: null,
    },
    {
      kind: 'rewrite',
      atMs: atMs + 2,
      table: name('orders'),
      codec: null,
      writer: null,
      commits: 2,
      bytesBefore: 2_000,
      bytesAfter: 600,
    },
  ])
  expect(result.candidates).toEqual([
    {
      table: name('orders'),
      codec: 'zstd',
      written: [
        { codec: 'zstd', storedBytes: 900 },
        { codec: 'snappy', storedBytes: 100 },
      ],
      otherwiseBytes: 100,
      storedBytes: 1_100,
      forecast: { bytes: -300, columns: 1, atMs: NOW_MS - 1 },
    },
  ])
  expect(result.couldBeSaved).toEqual({ bytes: 300, tableCount: 1 })
  // When the day began, the column that was tried had 600 of the 940 bytes of data files.
  expect(result.done).toMatchObject([
    {
      table: name('orders'),
      files: 4,
      bytesBefore: 1_000,
      bytesAfter: 300,
      forecastBytes: Math.round((-0.5 * 600 * 1_000) / 940),
    },
  ])
})

it('Compression groups the files that were read by writer and by month, and says which are not known', async () => {
  const groupsOf = async (actor: Actor, filesBy: StorageCut) =>
    (await read(actor, { filesBy })).fileGroups?.groups.map(
      ({ kind, name: of, storedBytes, encodedBytes, plainBytes }) =>
        [kind, of, storedBytes, encodedBytes, plainBytes].join(' '),
    )
  expect(await groupsOf(ADMIN, 'writer')).toEqual([
    'named spark 3 1200 1800 4900',
    'named duckdb 310 700 700',
    'others  100 200 300',
    'unknown  250 300 350',
  ])
  // Two years have passed since the measurement.
  expect(await groupsOf(READER, 'age')).toEqual([
    'named 2026-11 400 1000 3000',
    'others  600 900 1600',
    'unknown  60 100 150',
  ])
  const { fileGroups } = await read(ADMIN, { filesBy: 'writer', to: -1 })
  expect([fileGroups, (await read(ADMIN)).fileGroups]).toEqual([null, null])
})

it('Compression lists tables first whose codec was tried, and says when a table got pages in another codec', async () => {
  const { database } = testHome
  const DAY = TODAY - 1
  await writeStorageRows(database, {
    id: 4,
    table: name('mixed'),
    totalBytes: 9_000,
    storage: { codec: 'zstd', as_set_bytes: 4_000, set_bytes: 9_000 },
    parts: {
      'codec:gzip': { now: [4_000, 5_000, 9_000], days: { [DAY]: [-1_000, -1_000, -1_000] } },
      'codec:snappy': { now: [5_000, 6_000, 9_000], days: { [DAY]: [5_000, 6_000, 9_000] } },
    },
  })
  // The codec of this one may have been there before: files were read later.
  await writeStorageRows(database, {
    id: 5,
    table: name('read-later'),
    totalBytes: 9_000,
    storage: {},
    parts: {
      'codec:gzip': { now: [4_000, 5_000, 9_000] },
      'codec:snappy': { now: [5_000, 6_000, 9_000], days: { [DAY]: [5_000, 6_000, 9_000] } },
      unread: { now: [0], days: { [DAY]: [-5_000] } },
    },
  })
  // A rewrite says it of this one.
  await writeStorageRows(database, {
    id: 6,
    table: name('rewritten'),
    totalBytes: 9_000,
    storage: {},
    parts: {
      'codec:gzip': { now: [4_000, 5_000, 9_000], days: { [DAY]: [-1, -1, -1] } },
      'codec:snappy': { now: [5_000, 6_000, 9_000], days: { [DAY]: [5_000, 6_000, 9_000] } },
    },
  })
  const rewrite = toTestCommit({ seq: 9, atMs: DAY * DAY_MS + 5, operation: 'replace', added: 300, removed: 1_000 })
  await database.commit(addedFactChanges({ id: 6, catalog: 'local' }, { rows: [rewrite], events: [] }))
  const { changes, candidates } = await read(ADMIN)
  expect(changes.filter(({ kind }) => kind === 'written')).toEqual([
    {
      kind: 'written',
      atMs: DAY * DAY_MS,
      table: name('mixed'),
      codec: 'snappy',
      writer: null,
      commits: 0,
      bytesBefore: null,
      bytesAfter: 5_000,
    },
  ])
  expect(candidates.map(({ table, forecast }) => [table.table, forecast?.bytes])).toEqual([
    ['orders', -300],
    ['mixed', undefined],
  ])
})

it('Compression has nothing for a reader without a table', async () => {
  const nothing = await read({ ...READER, grants: [] })
  expectSums({ ...nothing, sizes: { ...nothing.sizes, isProjected: false } })
  expect(nothing).toMatchObject({
    tableCount: 0,
    tables: [],
    columns: [],
    codecs: [],
    asSet: null,
    retainedTables: null,
  })
})
