import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findHistory } from '@/server/db/facts/histories'
import { checkTables } from '@/server/facts/check/check-tables'
import { ownCatalogSource } from '@/server/facts/own-catalog'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { toYearTable } from '@/testing/facts/year/lake-of-a-year'
import { type PassedYear, passYear, YEAR } from '@/testing/facts/year/passed-year'
import { type ListedTable, type YearFigures, yearFigures } from '@/testing/facts/year/year-figures'
import { DAY_MS, STEP_KINDS } from '@/testing/facts/year/year-steps'
import { modelByPeriod } from '@/testing/facts/year/year-sums'
import { createTestHome } from '@/testing/homes/test-home'
import { findFaketime } from '@/testing/peers/faketime'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'

/**
 * A year of commits by PyIceberg and the product, each at its own time, is collected while it passes. The figures equal a
 * model that knows only rows, and PyIceberg's metadata tables, also when all but the current snapshots have expired.
 */

const python = installPyiceberg()
const faketime = await installOrSkip('faketime', findFaketime)

/** Another seed is another year. */
const SEED = Number(process.env.YEAR_SEED ?? 113)
const TABLES = ['orders', 'events', 'visits']
const EXPIRED = 'events'

const home = createTestHome()

describe.skipIf(python === null || faketime === null)('A year (skipped without PyIceberg or faketime)', () => {
  let year: PassedYear
  let figures: YearFigures
  /** Where each table was at the end of the year, unless it was dropped. */
  const lastLocations = new Map<string, string>()
  const present = () => year.tables.filter(({ isDropped }) => !isDropped)

  beforeAll(async () => {
    const programs = { python: python ?? '', faketime: faketime ?? '' }
    year = await passYear(home, { ...programs, seed: SEED, stepCount: 150, tableNames: TABLES, expired: EXPIRED })
    figures = yearFigures(home, year.tables, { range: YEAR, seed: SEED })
    const catalog = await openTestCatalog(home.services)
    for (const { name } of present())
      lastLocations.set(name, (await catalog.loadTable(toYearTable(name))).metadataLocation)
  })
  afterAll(async () => {
    await year?.stop()
  })

  test('has steps of every kind, which the catalog has, too', async () => {
    expect(new Set(year.steps)).toEqual(new Set(STEP_KINDS))
    const names = JSON.stringify(present().map(({ name }) => name))
    const counts = await year.session.request<number[]>({
      code: `answer = [table(name).scan().to_arrow().num_rows for name in ${names}]`,
    })
    expect(counts).toEqual(present().map(({ rowCount }) => rowCount))
  })

  test('is summed by day, month and range as in the model, in tables and in the lake', async () => {
    expect.hasAssertions()
    await figures.expectSums()
  })

  test('is on the page Ingestion as in the model', async () => {
    expect.hasAssertions()
    await figures.expectIngestion(year.clock.nowMs)
  })

  test('has the counts of each snapshot, and the files, that PyIceberg lists', async () => {
    for (const table of present()) {
      const listed = await year.session.request<ListedTable>({ code: readMetadataTables(table.name) })
      await figures.expectListed(table, listed, table.name === EXPIRED)
    }
    const { signal } = new AbortController()
    const names = new Set(present().map(({ name }) => name))
    for await (const checked of checkTables(home.database, () => ownCatalogSource(home.services, signal), signal))
      for (const { table, check } of checked)
        expect(check, table.table).toMatchObject({
          comparedWith: names.has(table.table) ? 'files' : 'sums',
          difference: { rows: 0, files: 0, bytes: 0 },
        })
  })

  test('stays as it is when all but the current snapshots expire', async () => {
    year.clock.moveTo(YEAR.toMs + DAY_MS)
    const catalog = await openTestCatalog(home.services)
    for (const table of present()) {
      await year.lake.expire(table)
      const { snapshots, refs } = (await catalog.loadTable(toYearTable(table.name))).metadata
      const tips = new Set(Object.values(refs).map(({ snapshotId }) => snapshotId))
      expect(new Set(snapshots.map(({ snapshotId }) => snapshotId))).toEqual(tips)
    }
    await year.collect()
    expect(await year.poll()).toBe(0)
    await figures.expectSums()
    await figures.expectIngestion(year.clock.nowMs)
  })

  test('is found by a first reading of the metadata of the year, but for the time when a table was dropped', async () => {
    for (const table of present()) {
      const copy = toYearTable(`${table.name}_copy`)
      await registerExternally(home.database, copy, lastLocations.get(table.name) ?? '')
      expect(await year.poll()).toBe(1)
      const id = (await findHistory(home.database, copy))?.id ?? -1
      expect(await figures.readDays({ tableIds: [id] }), copy.table).toEqual(
        modelByPeriod([table], { withDrops: false }),
      )
    }
  })
})

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
