import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOKEN_LIFETIME_DAYS } from '@/lib/contract/shapes/plain-values'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import { sum } from '@/lib/sum'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findUser } from '@/server/db/auth/users'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import { readFactTables } from '@/server/db/facts/fact-tables'
import { readNewestCommits } from '@/server/db/facts/history-commits'
import { findHistory } from '@/server/db/facts/histories'
import { checkTables } from '@/server/facts/check/check-tables'
import { OwnCatalogPoll, ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'
import { readIngestion } from '@/server/metrics/facts/ingestion'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { InventedClock } from '@/testing/facts/year/invented-clock'
import { LakeOfAYear, toYearTable } from '@/testing/facts/year/lake-of-a-year'
import { TableOfRows } from '@/testing/facts/year/table-of-rows'
import { chooseTimes, DAY_MS, STEP_KINDS, type StepKind, takeStep } from '@/testing/facts/year/year-steps'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { findFaketime } from '@/testing/peers/faketime'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { createRandom } from '@/testing/seeded-random'

/**
 * A year of commits by PyIceberg and the product, each at its own time, is collected while it passes. The figures equal a
 * model that knows only rows, and PyIceberg's metadata tables, also when all but the current snapshots have expired.
 */

const python = installPyiceberg()
const faketime = await installOrSkip('faketime', findFaketime)

const SEED = Number(process.env.YEAR_SEED ?? 113)
const START_MS = Date.UTC(2025, 2, 1)
const DAYS = 365
const END_MS = START_MS + DAYS * DAY_MS
const STEPS = Number(process.env.YEAR_STEPS ?? 150)
const HOUR_MS = 3_600_000
/** All but its current snapshot expire in the middle of the year. */
const EXPIRED = 'events'
const { signal } = new AbortController()

const home = createTestHome()
const random = createRandom(SEED)
const tables = ['orders', 'events', 'visits'].map((name) => new TableOfRows(name))

describe.skipIf(python === null || faketime === null)('A year (skipped without PyIceberg or faketime)', () => {
  let clock: InventedClock
  let listener: RestListener
  let session: PythonSession
  let lake: LakeOfAYear
  const steps: StepKind[] = []
  /** Where each table was at the end of the year. */
  const lastLocations = new Map<string, string>()

  const collect = () => recordTableChanges(home.services, ownCatalogSource(home.services, signal), signal)
  const collectAll = async () => {
    while ((await collect()).taken > 0);
  }
  const poll = () => new OwnCatalogPoll(home.services).run(signal)

  beforeAll(async () => {
    clock = new InventedClock(path.join(home.config.homeDir, 'clock'), START_MS)
    listener = await startRestListener(home.services)
    session = startPython({
      name: 'pyiceberg-year',
      python: python ?? '',
      program: 'pyiceberg_session.py',
      settings: { uri: listener.uri, token: await issueYearToken(), warehouse: 'local' },
      env: clock.environment(faketime ?? ''),
    })
    lake = new LakeOfAYear(home.services, session, clock)
    await lake.createTables(tables)
    const expired = tables.find(({ name }) => name === EXPIRED)
    let hasExpired = false
    for (const [index, atMs] of chooseTimes(random, { startMs: START_MS, days: DAYS - 1, count: STEPS }).entries()) {
      clock.moveTo(atMs)
      const table = tables[random(tables.length)]
      if (table === undefined) continue
      if (index >= STEPS / 2 && table === expired && !hasExpired && !table.isDropped && table.branch === null) {
        await lake.expire(table)
        hasExpired = true
      } else steps.push(await takeStep(lake, table, random))
      if (random(3) === 0) await collect()
      if (random(12) === 0) await poll()
    }
    await collectAll()
    const catalog = await openTestCatalog(home.services)
    for (const { name, isDropped } of tables) {
      if (!isDropped) lastLocations.set(name, (await catalog.loadTable(toYearTable(name))).metadataLocation)
    }
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
    clock?.release()
  })

  async function issueYearToken(): Promise<string> {
    const owner = await findUser(home.database, (await signInAs(home.services, 'admin')).userId)
    if (owner === null) throw new Error('the new user does not exist')
    const request = { owner, name: 'engine', role: 'admin', days: TOKEN_LIFETIME_DAYS.max } as const
    return (await issueToken(home.database, request, { actor: owner, requestId: null })).text
  }

  const readIds = async (of: readonly TableOfRows[]) => {
    const known = await readFactTables(home.database, {})
    return of.map(({ name }) => known.find(({ table }) => table.table === name)?.id ?? -1)
  }
  const readOffMain = async (table: TableOfRows) => {
    const rows = await home.database.read(
      rawQuery<{ id: string }>(
        "SELECT snapshot_id AS id FROM fact_commits WHERE kind = 'off-main' AND table_id = ?",
        await readIds([table]),
      ),
    )
    return new Set(rows.map(({ id }) => id))
  }
  const readDays = async (of: SumScope) =>
    rowsByPeriod(await readFactSums(home.database, { ...WHOLE, of, by: ['period'], grain: 'day' }))
  const readTotal = async (table: TableOfRows, toMs: number) => {
    const sums = await readFactSums(home.database, {
      of: { tableIds: await readIds([table]) },
      fromMs: 0,
      toMs,
      by: ['table'],
      grain: 'day',
    })
    return netOfSums(sumTerms(sums.map(({ term, rows }) => ({ term, amount: rows }))))
  }

  /** All figures of the year, as the model has them. */
  async function expectFigures(): Promise<void> {
    for (const table of tables) {
      expect(await readDays({ tableIds: await readIds([table]) }), table.name).toEqual(modelByPeriod([table]))
      for (const endMs of endsOfMonths()) {
        expect(await readTotal(table, endMs), `${table.name} at ${toTime(endMs)}`).toBe(modelTotal(table, endMs))
      }
    }
    expect(await readDays({ catalogs: ['local'] })).toEqual(modelByPeriod(tables))
    for (const range of chooseRanges()) {
      const name = `${toTime(range.fromMs)} to ${toTime(range.toMs)}`
      for (const table of tables) {
        const of = { tableIds: await readIds([table]) }
        const sums = await readFactSums(home.database, { ...range, of, by: ['table'], grain: 'day' })
        expect(rowsByTerm(sums), `${table.name} ${name}`).toEqual(modelByTerm([table], range))
      }
      const lakeSums = await readFactSums(home.database, {
        ...range,
        of: { catalogs: ['local'] },
        by: [],
        grain: 'hour',
      })
      expect(rowsByTerm(lakeSums), name).toEqual(modelByTerm(tables, range))
    }
  }

  /** The page, by day, and its equation. */
  async function expectIngestion(): Promise<void> {
    for (const range of [WHOLE, ...chooseRanges().slice(0, 5)]) {
      const ingestion = await readIngestion(
        home.services,
        TEST_ACTOR,
        {
          scope: {},
          previousFromMs: START_MS - DAY_MS,
          step: 'day',
          timeZone: 'UTC',
          measure: 'rows',
          by: 'table',
          ...range,
        },
        { nowMs: clock.nowMs },
      )
      const { equation, buckets } = ingestion
      expect(equation.start).toBe(sum(tables.map((table) => modelTotal(table, range.fromMs))))
      expect(withoutZeros(equation.terms)).toEqual(modelByTerm(tables, range))
      expect(equation.end).toBe(sum(tables.map((table) => modelTotal(table, range.toMs))))
      for (const { startMs, endMs, terms } of buckets)
        expect(withoutZeros(terms), toTime(startMs)).toEqual(modelByTerm(tables, { fromMs: startMs, toMs: endMs }))
    }
  }

  test('has steps of every kind, which the catalog has, too', async () => {
    expect(new Set(steps)).toEqual(new Set(STEP_KINDS))
    const names = tables.filter(({ isDropped }) => !isDropped).map(({ name }) => name)
    const counts = await session.request<number[]>({
      code: `answer = [table(name).scan().to_arrow().num_rows for name in ${JSON.stringify(names)}]`,
    })
    expect(counts).toEqual(tables.filter(({ isDropped }) => !isDropped).map(({ rowCount }) => rowCount))
  })

  test('is summed by day, month and range as in the model, in tables and in the lake', expectFigures)
  test('is on the page Ingestion as in the model', expectIngestion)

  test('has the counts of each snapshot, and the files, that PyIceberg lists', async () => {
    for (const table of tables.filter(({ isDropped }) => !isDropped)) {
      const { snapshots, files } = await session.request<PyicebergTables>({ code: readMetadataTables(table.name) })
      const commits = await readNewestCommits(
        home.database,
        { tableIds: await readIds([table]), fromMs: 0, toMs: null, limit: 10_000 },
        { isByTime: false },
      )
      const collected = new Map(commits.map((commit) => [commit.snapshotId, commit]))
      const offMain = await readOffMain(table)
      for (const { id, atMs, operation, added, removed } of snapshots) {
        const commit = collected.get(id)
        if (commit === undefined) expect([...offMain], table.name).toContain(id)
        // A branch comes in when it is published.
        else expect(commit).toMatchObject({ operation, added, removed, ...(!offMain.has(id) && { atMs }) })
      }
      if (table.name !== EXPIRED) {
        const listed = new Set(snapshots.map(({ id }) => id))
        expect(commits.filter(({ snapshotId }) => !listed.has(snapshotId))).toEqual([])
      }
      const history = await findHistory(home.database, toYearTable(table.name))
      expect(history?.state.total, table.name).toMatchObject(files)
    }
    for await (const checked of checkTables(home.database, () => ownCatalogSource(home.services, signal), signal))
      for (const { table, check } of checked)
        expect(check, table.table).toMatchObject({
          comparedWith: tables.some(({ name, isDropped }) => name === table.table && isDropped) ? 'sums' : 'files',
          difference: { rows: 0, files: 0, bytes: 0 },
        })
  })

  test('stays as it is when all but the current snapshots expire', async () => {
    clock.moveTo(END_MS + DAY_MS)
    const catalog = await openTestCatalog(home.services)
    for (const table of tables) {
      if (table.isDropped) continue
      await lake.expire(table)
      expect((await catalog.loadTable(toYearTable(table.name))).metadata.snapshots).toHaveLength(1)
    }
    await collectAll()
    expect(await poll()).toBe(0)
    await expectFigures()
    await expectIngestion()
  })

  test('is found by a first reading of the metadata of the year, but for the time when a table was dropped', async () => {
    const catalog = await openTestCatalog(home.services)
    for (const table of tables) {
      const metadataLocation = lastLocations.get(table.name)
      if (metadataLocation === undefined) continue
      const copy = toYearTable(`${table.name}_copy`)
      await catalog.write({ kind: 'register-table', table: copy, metadataLocation })
      // As after an upgrade: the write left no change.
      await home.database.commit([rawChange('DELETE FROM fact_changes')])
      await poll()
      const id = (await findHistory(home.database, copy))?.id ?? -1
      expect(await readDays({ tableIds: [id] }), copy.table).toEqual(modelByPeriod([table], { withDrops: false }))
    }
  })
})

type Counts = { rows: number; files: number; bytes: number }
type PyicebergTables = {
  snapshots: { id: string; atMs: number; operation: string; added: Counts; removed: Counts }[]
  files: Counts
}

function readMetadataTables(name: string): string {
  return `
from datetime import timezone
one = table('${name}')
def counts(summary, *keys): return {
  name: int(summary.get(key, 0)) for name, key in zip(('rows', 'files', 'bytes'), keys)}
def listed(row):
  summary = dict(row['summary'])
  return {
    'id': str(row['snapshot_id']), 'atMs': round(row['committed_at'].replace(tzinfo=timezone.utc).timestamp() * 1000),
    'operation': row['operation'],
    'added': counts(summary, 'added-records', 'added-data-files', 'added-files-size'),
    'removed': counts(summary, 'deleted-records', 'deleted-data-files', 'removed-files-size')}
files = [file for file in one.inspect.files().to_pylist() if file['content'] == 0]
answer = {
  'snapshots': [listed(row) for row in one.inspect.snapshots().to_pylist()],
  'files': {'rows': sum(file['record_count'] for file in files), 'files': len(files),
    'bytes': sum(file['file_size_in_bytes'] for file in files)}}`
}

type SumScope = Parameters<typeof readFactSums>[1]['of']
type Range = { fromMs: number; toMs: number }
const WHOLE: Range = { fromMs: START_MS, toMs: END_MS }

/** The rows of each term of each day, without those that are zero. */
function rowsByPeriod(sums: readonly FactSum[]): Record<string, number> {
  return toSorted(sums.map(({ periodStartMs, term, rows }) => [`${toTime(periodStartMs ?? 0)} ${term}`, rows]))
}

function rowsByTerm(sums: readonly FactSum[]): Record<string, number> {
  return toSorted(sums.map(({ term, rows }) => [term, rows]))
}

function modelByPeriod(of: readonly TableOfRows[], { withDrops = true } = {}): Record<string, number> {
  return toSorted(
    of.flatMap(({ terms }) =>
      terms
        .filter(({ ofDrop }) => withDrops || !ofDrop)
        .map(({ atMs, term, rows }) => [`${toTime(Math.floor(atMs / DAY_MS) * DAY_MS)} ${term}`, rows] as const),
    ),
  )
}

function modelByTerm(of: readonly TableOfRows[], { fromMs, toMs }: Range): Record<string, number> {
  const within = of.flatMap(({ terms }) => terms).filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  return toSorted(within.map(({ term, rows }) => [term, rows]))
}

function modelTotal({ totals }: TableOfRows, toMs: number): number {
  return totals.findLast(({ atMs }) => atMs < toMs)?.rows ?? 0
}

function withoutZeros(terms: Readonly<Record<string, number>>): Record<string, number> {
  return toSorted(Object.entries(terms))
}

/** Sums by key, in their order, without those that are zero. */
function toSorted(amounts: readonly (readonly [key: string, amount: number])[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? 0) + amount)
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function endsOfMonths(): number[] {
  const start = new Date(START_MS)
  return Array.from({ length: 12 }, (_, month) => Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month + 1, 1))
}

/** Ranges of whole hours, of whole days, and of days around the beginning of months. */
function chooseRanges(): Range[] {
  const choose = createRandom(SEED)
  return Array.from({ length: 30 }, (_, index) => {
    const stepMs = index % 2 === 0 ? DAY_MS : HOUR_MS
    const fromMs = START_MS + choose((DAYS * DAY_MS) / stepMs - 1) * stepMs
    return { fromMs, toMs: fromMs + (1 + choose((END_MS - fromMs) / stepMs)) * stepMs }
  })
}

function toTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 13)
}
