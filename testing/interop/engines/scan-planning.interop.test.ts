import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME_WITH_PLANNING } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { sparkEnvironment } from '@/testing/peers/spark-environment'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'

/**
 * Spark and PyIceberg leave planning to Lakeshore, and read the same rows, from the same files, as when they plan
 * themselves.
 */

const jar = await installOrSkip(
  'Iceberg 1.11 for Spark',
  async () => (await fetchJars([SPARK_RUNTIME_WITH_PLANNING]))[0],
)
const spark = installPyspark()
const python = installPyiceberg()

const COLUMNS = `id BIGINT, n INT, city STRING, day DATE, at TIMESTAMP, fare DECIMAL(20, 2), key BINARY, x DOUBLE`
/** Rows of four cities over twelve days. */
const ROWS = `SELECT id, int(id % 17), CASE WHEN id % 5 = 4 THEN NULL ELSE concat('c', id % 5) END,
  date_add(date'2024-02-20', int(id % 12)), timestamp'2024-02-20 00:00:00' + make_interval(0, 0, 0, 0, int(id)),
  cast(id AS DECIMAL(20, 2)) / 4, cast(concat('k', id % 3) AS BINARY), double(id) / 8 FROM range(`
const PARTITIONS = [
  'city, truncate(10, n)',
  'bucket(4, id)',
  'days(at)',
  'months(day), fare, key',
  'day, truncate(1, city)',
] as const

/** Conditions that Spark and PyIceberg spell alike. */
const FILTERS = [
  "city = 'c1'",
  // Iceberg 1.11's own planning fails for `city IN` when a partition has no city.
  "(city = 'c0' OR city = 'c3') AND n IN (1, 2, 3)",
  'city IS NULL',
  'city IS NOT NULL AND id >= 130',
  "NOT (city = 'c1' OR n > 3)",
  'id = 77',
  'n > 15 OR id < 3',
  "day = '2024-02-29'",
  "day < '2024-02-22'",
  'x > 15.5',
  "city LIKE 'c2%'",
  'id > 100000',
]
/** Filters whose types PyIceberg's parser does not know. */
const SPARK_FILTERS = [
  "at >= timestamp'2024-02-22 03:00:00' AND at < timestamp'2024-02-22 09:00:00'",
  'fare = 12.25',
  "key = X'6B31'",
  'peer.system.bucket(4, id) = 2',
]

const COUNT_FILES = (catalog: string) =>
  `answer = len({task.file.file_path for task in ${catalog}.load_table('shop.many').scan().plan_files()})`

describe.skipIf(spark === null || jar === null || python === null)(
  'Engines leave planning to the catalog (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let folder: string
    let lakeshore: Lakeshore
    let inSpark: PythonSession
    let inPython: PythonSession

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'planning-'))
      lakeshore = await startLakeshore(folder)
      const { uri, token } = lakeshore
      // Its own Spark, because only this release of Iceberg leaves planning to a catalog.
      inSpark = startPython({
        name: 'spark-planning',
        python: String(spark),
        program: 'spark_session.py',
        settings: { jar, scratch: path.join(folder, 'scratch'), catalog: { uri, token } },
        env: { ...sparkEnvironment(String(spark)), TZ: 'UTC' },
      })
      inPython = openPyiceberg({ uri, token })
      await inSpark.request({
        code: `
settings = ${JSON.stringify({ type: 'rest', uri, token, 'cache-enabled': 'false', 'scan-planning-mode': 'server' })}
spark.conf.set('spark.sql.catalog.planned', 'org.apache.iceberg.spark.SparkCatalog')
for key, value in settings.items(): spark.conf.set('spark.sql.catalog.planned.' + key, value)`,
      })
      await inPython.request({
        code: `
from pyiceberg.catalog import load_catalog
planned = load_catalog('planned', type='rest', uri=${JSON.stringify(uri)}, token=${JSON.stringify(token)}, **{'scan-planning-mode': 'server'})`,
      })
      await sql('CREATE NAMESPACE shop')
    })
    afterAll(async () => {
      await inSpark?.stop()
      await inPython?.stop()
      await lakeshore?.stop()
      rmSync(folder, { recursive: true })
    })

    async function sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await inSpark.request({ sql: statement })
      return rows
    }
    /**
     * The rows that pass each filter, with its number and their files. Spark plans each filter by itself, but in one
     * query, because a query costs much more than its rows.
     */
    async function readInSpark(catalog: 'peer' | 'planned', table: string, filters: readonly string[], asOf = '') {
      const selects = filters.map(
        (filter, i) => `SELECT ${i}, *, input_file_name() FROM ${catalog}.shop.${table}${asOf} WHERE ${filter}`,
      )
      return (await sql(selects.join(' UNION ALL '))).map((row) => JSON.stringify(row)).toSorted()
    }
    /**
     * The number of rows that pass each filter, read and counted, and all files with their number of delete files. Which
     * files of a filter are planned differs, because each side skips some that might match.
     */
    async function readInPython(catalog: 'catalog' | 'planned', table: string) {
      return inPython.request<{ isPlannedByServer: boolean; files: unknown[]; counts: Record<string, number[]> }>({
        code: `
table = ${catalog}.load_table('shop.${table}')
scans = {filter: table.scan(row_filter=filter) for filter in ${JSON.stringify(FILTERS)}}
tasks = table.scan().plan_files()
answer = {'isPlannedByServer': table.scan()._should_use_server_side_planning(),
  'files': sorted([task.file.file_path, task.file.record_count, len(task.delete_files)] for task in tasks),
  'counts': {filter: [scan.to_arrow().num_rows, scan.count()] for filter, scan in scans.items()}}`,
      })
    }

    const readAsOf = (catalog: 'peer' | 'planned', snapshotId: string | null) =>
      readInSpark(catalog, 'deletes', ['true', 'n = 3'], ` VERSION AS OF ${snapshotId}`)

    test('Spark’s tables are of the kind that a catalog plans for', async () => {
      await sql(`CREATE TABLE shop.kinds (id BIGINT) USING iceberg`)
      const kindOf = (catalog: string) =>
        inSpark.request({
          code: `answer = spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, '${catalog}.shop.kinds').newScan().getClass().getSimpleName()`,
        })
      expect([await kindOf('peer'), await kindOf('planned')]).toEqual(['DataTableScan', 'RESTTableScan'])
    })

    test.each(PARTITIONS.map((partition, index) => [partition, `t${index}`]))(
      'a table partitioned by %s',
      async (partition, table) => {
        await sql(
          `CREATE TABLE shop.${table} (${COLUMNS}) USING iceberg PARTITIONED BY (${partition})
           TBLPROPERTIES ('format-version' = '2', 'write.delete.mode' = 'merge-on-read')`,
          `INSERT INTO shop.${table} ${ROWS}0, 100)`,
          `INSERT INTO shop.${table} ${ROWS}100, 160)`,
        )
        const filters = [...FILTERS, ...SPARK_FILTERS]
        expect(await readInSpark('planned', table, filters)).toEqual(await readInSpark('peer', table, filters))
      },
    )

    // PyIceberg 0.12 refuses plans with a partition value that is null, as tables by city have.
    test.each(PARTITIONS.flatMap((partition, index) => (partition.includes('city') ? [] : [[partition, `t${index}`]])))(
      'a table partitioned by %s, in PyIceberg',
      async (_, table) => {
        const [planned, own] = [await readInPython('planned', table), await readInPython('catalog', table)]
        expect(planned).toEqual({ ...own, isPlannedByServer: true })
        expect(own.isPlannedByServer).toBe(false)
      },
    )

    test('a table with deletes by position, then with deletion vectors, at each snapshot', async () => {
      await sql(
        `CREATE TABLE shop.deletes (${COLUMNS}) USING iceberg PARTITIONED BY (n)
         TBLPROPERTIES ('format-version' = '2', 'write.delete.mode' = 'merge-on-read')`,
        `INSERT INTO shop.deletes ${ROWS}0, 100)`,
        'DELETE FROM shop.deletes WHERE id % 7 = 3',
        `ALTER TABLE shop.deletes ADD PARTITION FIELD days(at)`,
        `INSERT INTO shop.deletes ${ROWS}100, 160)`,
      )
      expect(await readInSpark('planned', 'deletes', FILTERS)).toEqual(await readInSpark('peer', 'deletes', FILTERS))
      const own = await readInPython('catalog', 'deletes')
      expect(await readInPython('planned', 'deletes')).toEqual({ ...own, isPlannedByServer: true })
      await sql(
        `ALTER TABLE shop.deletes SET TBLPROPERTIES ('format-version' = '3')`,
        'DELETE FROM shop.deletes WHERE id % 11 = 4',
      )
      const filters = [...FILTERS, ...SPARK_FILTERS]
      expect(await readInSpark('planned', 'deletes', filters)).toEqual(await readInSpark('peer', 'deletes', filters))
      const snapshots = (await sql('SELECT snapshot_id FROM shop.deletes.snapshots ORDER BY committed_at')).flat()
      expect(snapshots).toHaveLength(4)
      for (const id of snapshots) {
        const [planned, peer] = [await readAsOf('planned', id), await readAsOf('peer', id)]
        expect(planned).toEqual(peer)
      }
    })

    test('a table of more files than one answer has', async () => {
      // Each row is a file, and only one is open at a time.
      await sql(
        `CREATE TABLE shop.many (${COLUMNS}) USING iceberg PARTITIONED BY (id) TBLPROPERTIES (
         'write.distribution-mode' = 'none', 'write.spark.fanout.enabled' = 'false')`,
      )
      await sql(`INSERT INTO shop.many ${ROWS}0, 1100)`)
      const filters = ['n = 3', 'id >= 1095']
      expect(await readInSpark('planned', 'many', filters)).toEqual(await readInSpark('peer', 'many', filters))
      const own = await inPython.request<number>({ code: COUNT_FILES('catalog') })
      expect(own).toBe(1100)
      expect(await inPython.request<number>({ code: COUNT_FILES('planned') })).toBe(own)
    })
  },
)
