import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PassedYear, passYear, YEAR } from '@/testing/facts/year/passed-year'
import { TableOfRows } from '@/testing/facts/year/table-of-rows'
import { type ListedTable, type YearFigures, yearFigures } from '@/testing/facts/year/year-figures'
import { createTestHome } from '@/testing/homes/test-home'
import { findFaketime } from '@/testing/peers/faketime'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { sparkEnvironment } from '@/testing/peers/spark-environment'

/**
 * Spark commits at the end of an invented year, under `faketime`. Its metadata tables have the counts of every commit of
 * the year that the history has, and the terms of its own commits are those of a model that knows only rows.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const spark = installPyspark()
const pyiceberg = installPyiceberg()
const faketime = await installOrSkip('faketime', findFaketime)
const isMissing = [jar, spark, pyiceberg, faketime].includes(null)

const SEED = 7
const REWRITE = `CALL peer.system.rewrite_data_files(table => 'year.trips', options => map('rewrite-all', 'true'))`
const HOUR_MS = 3_600_000
const home = createTestHome()

describe.skipIf(isMissing)('A year in Spark (skipped without Spark, PyIceberg or faketime)', () => {
  let year: PassedYear
  let session: PythonSession
  let figures: YearFigures
  const trips = new TableOfRows('trips')
  const tables = () => [...year.tables, trips]

  beforeAll(async () => {
    const programs = { python: pyiceberg ?? '', faketime: faketime ?? '' }
    year = await passYear(home, {
      ...programs,
      seed: SEED,
      stepCount: 40,
      days: 300,
      tableNames: ['orders', 'events'],
      expired: null,
    })
    figures = yearFigures(home, tables(), { range: YEAR, seed: SEED })
    const python = spark ?? ''
    const warehouse = { 'cache-enabled': 'false' }
    const catalog = { uri: year.uri, token: await year.issueToken(), ...warehouse }
    session = startPython({
      name: 'spark-year',
      python,
      program: 'spark_session.py',
      settings: { jar, catalog, scratch: path.join(home.config.homeDir, 'scratch') },
      env: {
        ...sparkEnvironment(python),
        JAVA_HOME: year.clock.writeJavaHome(path.join(home.config.homeDir, 'java'), faketime ?? ''),
      },
    })
  })
  afterAll(async () => {
    await session?.stop()
    await year?.stop()
  })

  const sql = (statement: string) => session.request<(string | null)[][]>({ sql: statement })
  const rows = ({ from, to }: { from: number; to: number }) =>
    `SELECT id, 'spark' AS note FROM range(${from}, ${to}, 1, 1)`

  /** An hour passes before each step. */
  function nextMs(): number {
    year.clock.moveTo(year.clock.nowMs + 7 * HOUR_MS)
    return year.clock.nowMs
  }

  test('has what Spark commits', async () => {
    await sql(
      `CREATE TABLE year.trips (id BIGINT, note STRING) USING iceberg TBLPROPERTIES ('write.delete.mode' = 'copy-on-write',
       'write.merge.mode' = 'copy-on-write')`,
    )
    for (const count of [300, 200, 100]) await sql(`INSERT INTO year.trips ${rows(trips.append(nextMs(), count))}`)
    trips.delete(nextMs(), { from: 250, to: 320 })
    await sql('DELETE FROM year.trips WHERE id >= 250 AND id < 320')
    const first = trips.main
    await sql(`INSERT OVERWRITE year.trips ${rows(trips.overwriteAtOnce(nextMs(), { from: 0, to: 600 }, 450))}`)
    await sql(`INSERT INTO year.trips ${rows(trips.append(nextMs(), 50))}`)
    trips.compact(nextMs())
    await sql(REWRITE)
    const ids = (await sql('SELECT snapshot_id FROM year.trips.snapshots ORDER BY committed_at')).flat()
    if (first !== null) trips.moveMain(nextMs(), first)
    await sql(`CALL peer.system.rollback_to_snapshot('year.trips', ${ids[3]})`)
    await sql(`INSERT INTO year.trips ${rows(trips.append(nextMs(), 20))}`)
    await sql(`ALTER TABLE year.trips SET TBLPROPERTIES ('write.delete.mode' = 'merge-on-read')`)
    trips.deleteByPosition(nextMs(), { from: 100, to: 140 })
    await sql('DELETE FROM year.trips WHERE id >= 100 AND id < 140')
    expect(await sql('SELECT count(*) > 0 FROM year.trips.delete_files')).toEqual([['True']])
    trips.compact(nextMs())
    await sql(REWRITE)
    await year.collect()
    await sql(`CREATE OR REPLACE TABLE year.trips USING iceberg AS ${rows(trips.replaceTable(nextMs(), 80))}`)
    await year.collect()
    // In the same history as the commits of PyIceberg and of the product.
    const shared = year.tables.find(({ isDropped, branch }) => !isDropped && branch === null)
    if (shared === undefined) throw new Error('the seed leaves no table')
    const columns = await session.request<string[]>({ code: `answer = spark.table('year.${shared.name}').columns` })
    const others = columns.slice(2).map(() => ', CAST(NULL AS STRING)')
    const { from, to } = shared.append(nextMs(), 33)
    await sql(`INSERT INTO year.${shared.name} SELECT id, 'spark'${others.join('')} FROM range(${from}, ${to}, 1, 1)`)
    await year.collect()
    expect(await sql('SELECT count(*) FROM year.trips')).toEqual([[String(trips.rowCount)]])
    await figures.expectSums()
    await figures.expectIngestion(year.clock.nowMs)
  })

  test('has the counts of each commit, and the files, that Spark lists', async () => {
    expect.hasAssertions()
    for (const table of tables().filter(({ isDropped }) => !isDropped))
      await figures.expectListed(table, await listInSpark(table.name), false)
  })

  test('stays as it is when Spark expires all but the current snapshots', async () => {
    nextMs()
    const olderThan = new Date(nextMs()).toISOString().slice(0, 19).replace('T', ' ')
    for (const { name } of tables().filter(({ isDropped }) => !isDropped)) {
      await sql(`CALL peer.system.expire_snapshots(table => 'year.${name}', older_than => TIMESTAMP '${olderThan}')`)
      const refs = await sql(`SELECT DISTINCT snapshot_id FROM year.${name}.refs`)
      expect(await sql(`SELECT snapshot_id FROM year.${name}.snapshots`)).toHaveLength(refs.length)
    }
    await year.collect()
    await figures.expectSums()
    await figures.expectIngestion(year.clock.nowMs)
  })

  async function listInSpark(name: string): Promise<ListedTable> {
    const column = (key: string) => `coalesce(summary['${key}'], '0')`
    const snapshots = await sql(`SELECT snapshot_id, unix_millis(committed_at), operation,
      ${['added-records', 'added-data-files', 'added-files-size'].map(column).join(', ')},
      ${['deleted-records', 'deleted-data-files', 'removed-files-size'].map(column).join(', ')}
      FROM year.${name}.snapshots`)
    const [files] = await sql(
      `SELECT coalesce(sum(record_count), 0), count(*), coalesce(sum(file_size_in_bytes), 0) FROM year.${name}.files WHERE content = 0`,
    )
    return {
      snapshots: snapshots.map(([id, atMs, operation, ...counts]) => ({
        id: String(id),
        atMs: Number(atMs),
        operation: String(operation),
        added: toCounts(counts.slice(0, 3)),
        removed: toCounts(counts.slice(3)),
      })),
      files: toCounts(files ?? []),
    }
  }
})

function toCounts([rows, files, bytes]: readonly (string | null)[]) {
  return { rows: Number(rows), files: Number(files), bytes: Number(bytes) }
}
