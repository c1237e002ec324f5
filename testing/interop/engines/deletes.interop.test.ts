import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowValue } from '@/lib/scan/read/row-values'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { CATALOG } from '@/testing/product/console-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { equalityDeleteCode } from '../equality-delete-code'

/**
 * Rows that Spark and Iceberg's Java library delete by delete files, as the built product shows them: the same rows as
 * Spark reads.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const spark = installPyspark()

describe.skipIf(spark === null || jar === null)(
  'Rows deleted by other engines are not shown (skipped when Spark is unavailable)',
  () => {
    let folder: string
    let lakeshore: Lakeshore
    let inSpark: PythonSession

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'deletes-'))
      lakeshore = await startLakeshore(folder)
      stubFetchWith(lakeshore.console)
      const { uri, token } = lakeshore
      inSpark = openSpark({ uri, token })
      await sql('CREATE NAMESPACE shop')
    })
    afterAll(async () => {
      await inSpark?.stop()
      await lakeshore?.stop()
      rmSync(folder, { recursive: true })
    })

    async function sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await inSpark.request({ sql: statement })
      return rows
    }

    /**
     * Compares all rows, and the kinds of the delete files of the table.
     *
     * @param columns as Lakeshore's values have them: a date is a number of days
     */
    async function compare(table: string, kinds: readonly string[], columns = '*') {
      const files = await sql(
        `SELECT DISTINCT concat(content, ' ', lower(file_format)) FROM shop.${table}.delete_files ORDER BY 1`,
      )
      expect(files.flat()).toEqual(kinds)
      const shown = await readShownRows({ catalog: CATALOG, namespace: ['shop'], table })
      // No column is nested, so every other value has a text.
      const toText = (value: RowValue | null) => (typeof value === 'object' ? null : String(value))
      const byText = (rows: readonly (string | null)[][]) => rows.map((row) => JSON.stringify(row)).toSorted()
      const expected = await sql(`SELECT ${columns} FROM shop.${table}`)
      expect(byText(shown.map((row) => row.map(toText)))).toEqual(byText(expected))
      return shown
    }

    const deleteEqual = (table: string, columns: Record<string, number>, rows: string) =>
      inSpark.request({ code: equalityDeleteCode(table, columns, rows) })

    test('by position, in partitions, with updates and merges', async () => {
      await sql(
        `CREATE TABLE shop.trips (id BIGINT, city STRING, fare INT) USING iceberg
         PARTITIONED BY (bucket(3, id), city) TBLPROPERTIES ('format-version' = '2',
         'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read',
         'write.merge.mode' = 'merge-on-read', 'write.delete.granularity' = 'partition')`,
        `INSERT INTO shop.trips SELECT id, concat('c', id % 3), int(id / 4) FROM range(1000)`,
        `INSERT INTO shop.trips SELECT id, NULL, int(id) FROM range(1000, 1500)`,
        'DELETE FROM shop.trips WHERE id % 10 = 7',
        'UPDATE shop.trips SET fare = -1 WHERE id BETWEEN 100 AND 120 OR id = 1001',
        `MERGE INTO shop.trips t USING (SELECT id FROM range(300, 2000, 17)) s ON t.id = s.id
         WHEN MATCHED AND t.id % 2 = 0 THEN DELETE WHEN NOT MATCHED THEN INSERT (id, city) VALUES (s.id, 'new')`,
        'DELETE FROM shop.trips WHERE city IS NULL AND id > 1450',
      )
      expect((await compare('trips', ['1 parquet'])).length).toBeGreaterThan(1000)
      await sql(
        `CALL peer.system.rewrite_data_files(table => 'shop.trips', where => 'city = "c1"')`,
        'DELETE FROM shop.trips WHERE id < 5',
      )
      await compare('trips', ['1 parquet'])
    })

    test('by deletion vectors, also after an upgrade of a table with deletes by position', async () => {
      await sql(
        `CREATE TABLE shop.orders (id BIGINT, city STRING) USING iceberg TBLPROPERTIES ('format-version' = '2',
         'write.delete.mode' = 'merge-on-read', 'write.delete.granularity' = 'partition')`,
        `INSERT INTO shop.orders SELECT id, 'a' FROM range(200000)`,
        `INSERT INTO shop.orders SELECT id, 'b' FROM range(1000)`,
        `DELETE FROM shop.orders WHERE id BETWEEN 50 AND 60 OR (city = 'a' AND id % 3 = 0)`,
        `ALTER TABLE shop.orders SET TBLPROPERTIES ('format-version' = '3')`,
        `INSERT INTO shop.orders SELECT id, 'c' FROM range(100)`,
        `DELETE FROM shop.orders WHERE city = 'c' AND id >= 90`,
      )
      await compare('orders', ['1 parquet', '1 puffin'])
      await sql(`DELETE FROM shop.orders WHERE id > 199000 OR id = 5`)
      expect((await compare('orders', ['1 parquet', '1 puffin'])).length).toBeGreaterThan(130_000)
    })

    test('by values of one column or of several, with nulls, and of columns dropped since', async () => {
      await sql(
        `CREATE TABLE shop.events (id INT, day DATE, kind STRING, note STRING) USING iceberg
         TBLPROPERTIES ('format-version' = '2', 'write.delete.mode' = 'merge-on-read')`,
        `INSERT INTO shop.events SELECT int(id), date_add(date'2001-03-01', int(id % 5)),
         CASE WHEN id % 4 = 0 THEN NULL ELSE concat('k', id % 4) END, concat('n', id % 7) FROM range(100)`,
      )
      await deleteEqual('events', { id: 1 }, '[[3], [4], [1000]]')
      await deleteEqual('events', { day: 2, kind: 3 }, `[[jvm.java.time.LocalDate.of(2001, 3, 2), None]]`)
      await sql(`INSERT INTO shop.events VALUES (3, date'2001-03-02', NULL, 'n6')`)
      await deleteEqual('events', { note: 4 }, `[['n6'], [None]]`)
      await sql(`INSERT INTO shop.events VALUES (3, date'2001-03-02', NULL, 'n6')`)
      await sql('DELETE FROM shop.events WHERE id = 50')
      const columns = `id, datediff(day, date'1970-01-01'), kind, note`
      const before = await compare('events', ['1 parquet', '2 parquet'], columns)
      expect(before.length).toBeLessThan(90)
      // Iceberg 1.10 cannot read the table from here on.
      await sql('ALTER TABLE shop.events DROP COLUMN note')
      const after = await readShownRows({ catalog: CATALOG, namespace: ['shop'], table: 'events' })
      const byText = (rows: readonly unknown[][]) => rows.map((row) => JSON.stringify(row)).toSorted()
      expect(byText(after)).toEqual(byText(before.map((row) => row.slice(0, 3))))
    })
  },
)
