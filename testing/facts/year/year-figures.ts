import { expect } from 'vitest'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import { sum } from '@/lib/sum'
import { readFactSums } from '@/server/db/facts/fact-sums'
import { readFactTables } from '@/server/db/facts/fact-tables'
import { findHistory } from '@/server/db/facts/histories'
import { readNewestCommits } from '@/server/db/facts/history-commits'
import { readIngestion } from '@/server/metrics/facts/ingestion'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { rawQuery } from '@/testing/databases/test-sql'
import type { TestHome } from '@/testing/homes/test-home'
import { createRandom } from '@/testing/seeded-random'
import { toYearTable } from './lake-of-a-year'
import type { TableOfRows } from './table-of-rows'
import { DAY_MS } from './year-steps'
import {
  modelByPeriod,
  modelByTerm,
  modelTotal,
  type Range,
  rowsByPeriod,
  rowsByTerm,
  toTime,
  withoutZeros,
} from './year-sums'

type SumScope = Parameters<typeof readFactSums>[1]['of']
type Counts = { rows: number; files: number; bytes: number }
/** As a metadata table of an engine lists it. */
type ListedSnapshot = { id: string; atMs: number; operation: string; added: Counts; removed: Counts }
export type ListedTable = { snapshots: readonly ListedSnapshot[]; files: Counts }

const HOUR_MS = 3_600_000

export type YearFigures = ReturnType<typeof yearFigures>

/** Compares the figures of collected histories with the model, and with the metadata tables of an engine. */
export function yearFigures(
  home: TestHome,
  tables: readonly TableOfRows[],
  { range: year, seed }: { range: Range; seed: number },
) {
  /** All figures of the year, as the model has them. */
  async function expectSums(): Promise<void> {
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
  async function expectIngestion(nowMs: number): Promise<void> {
    for (const range of [year, ...chooseRanges().slice(0, 5)]) {
      const ingestion = await readIngestion(
        home.services,
        TEST_ACTOR,
        {
          scope: {},
          previousFromMs: year.fromMs - DAY_MS,
          step: 'day',
          timeZone: 'UTC',
          measure: 'rows',
          by: 'table',
          ...range,
        },
        { nowMs: nowMs },
      )
      const { equation, buckets } = ingestion
      expect(equation.start).toBe(sum(tables.map((table) => modelTotal(table, range.fromMs))))
      expect(withoutZeros(equation.terms)).toEqual(modelByTerm(tables, range))
      expect(equation.end).toBe(sum(tables.map((table) => modelTotal(table, range.toMs))))
      for (const { startMs, endMs, terms } of buckets)
        expect(withoutZeros(terms), toTime(startMs)).toEqual(modelByTerm(tables, { fromMs: startMs, toMs: endMs }))
    }
  }

  /** @param hasExpired whether the table lacks snapshots that its history has */
  async function expectListed(
    table: TableOfRows,
    { snapshots, files }: ListedTable,
    hasExpired: boolean,
  ): Promise<void> {
    const range = { of: { tableIds: await readIds([table]) }, fromMs: 0, toMs: null, limit: 10_000 }
    const commits = await readNewestCommits(home.database, range, { isByTime: false })
    const collected = new Map(commits.map((commit) => [commit.snapshotId, commit]))
    const offMain = await readOffMain(table)
    for (const { id, atMs, operation, added, removed } of snapshots) {
      const commit = collected.get(id)
      if (commit === undefined) expect([...offMain], table.name).toContain(id)
      // A branch comes in when it is published.
      else expect(commit).toMatchObject({ operation, added, removed, ...(!offMain.has(id) && { atMs }) })
    }
    const listed = new Set(snapshots.map(({ id }) => id))
    if (!hasExpired) expect(commits.filter(({ snapshotId }) => !listed.has(snapshotId))).toEqual([])
    const history = await findHistory(home.database, toYearTable(table.name))
    expect(history?.state.total, table.name).toMatchObject(files)
  }

  async function readDays(of: SumScope): Promise<Record<string, number>> {
    return rowsByPeriod(await readFactSums(home.database, { ...year, of, by: ['period'], grain: 'day' }))
  }

  async function readIds(of: readonly TableOfRows[]): Promise<number[]> {
    const known = await readFactTables(home.database, {})
    return of.map(({ name }) => known.find(({ table }) => table.table === name)?.id ?? -1)
  }

  async function readOffMain(table: TableOfRows): Promise<Set<string>> {
    const rows = await home.database.read(
      rawQuery<{ id: string }>(
        "SELECT snapshot_id AS id FROM fact_commits WHERE kind = 'off-main' AND table_id = ?",
        await readIds([table]),
      ),
    )
    return new Set(rows.map(({ id }) => id))
  }

  async function readTotal(table: TableOfRows, toMs: number): Promise<number> {
    const sums = await readFactSums(home.database, {
      of: { tableIds: await readIds([table]) },
      fromMs: 0,
      toMs,
      by: ['table'],
      grain: 'day',
    })
    return netOfSums(sumTerms(sums.map(({ term, rows }) => ({ term, amount: rows }))))
  }

  function endsOfMonths(): number[] {
    const start = new Date(year.fromMs)
    const months = Math.floor((year.toMs - year.fromMs) / (30 * DAY_MS))
    return Array.from({ length: months }, (_, month) =>
      Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month + 1, 1),
    )
  }

  /** Ranges of whole hours, of whole days, and of days around the beginning of months. */
  function chooseRanges(): Range[] {
    const choose = createRandom(seed)
    return Array.from({ length: 30 }, (_, index) => {
      const stepMs = index % 2 === 0 ? DAY_MS : HOUR_MS
      const fromMs = year.fromMs + choose((year.toMs - year.fromMs) / stepMs - 1) * stepMs
      return { fromMs, toMs: fromMs + (1 + choose((year.toMs - fromMs) / stepMs)) * stepMs }
    })
  }

  return { readDays, expectSums, expectIngestion, expectListed }
}
