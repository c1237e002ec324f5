import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'
import { CATALOG } from '@/testing/product/console-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { equalityDeleteCode } from '../equality-delete-code'

/**
 * Tables of Spark whose files the built product rewrites: Spark and PyIceberg read the same rows before and after, with
 * every kind of delete, and continue to write them.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const spark = installPyspark()
const pyiceberg = installPyiceberg()

type Outcome = { filesRewritten: number; filesSkipped: number; snapshotId: string | null }

describe.skipIf(spark === null || pyiceberg === null || jar === null)(
  'Files that are rewritten (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let folder: string
    let lakeshore: Lakeshore
    let inSpark: PythonSession
    let inPython: PythonSession

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'rewrite-'))
      lakeshore = await startLakeshore(folder)
      const { uri, token, warehouse } = lakeshore
      inSpark = openSpark({ uri, token })
      inPython = openPyiceberg({ uri, token, warehouse })
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
    const rowsInSpark = async (table: string, columns = '*') =>
      (await sql(`REFRESH TABLE shop.${table}`, `SELECT ${columns} FROM shop.${table}`))
        .map((row) => JSON.stringify(row))
        .toSorted()
    const rowsInPython = async (table: string) =>
      (
        await inPython.request<string[]>({
          code: `answer = [str(row) for row in catalog.load_table(('shop', '${table}')).scan().to_arrow().to_pylist()]`,
        })
      ).toSorted()

    const route = (table: string) => `/api/v1/catalogs/${CATALOG}/namespaces/shop/tables/${table}`
    async function request<Answer>(address: string, body?: object): Promise<Answer> {
      const headers = { 'content-type': 'application/json' }
      const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {}
      const response = await lakeshore.console.fetch(address, init)
      const text = await response.text()
      if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text}`)
      return JSON.parse(text) as Answer
    }

    /** Sets a codec and rewrites the files with the worker of the product. */
    async function rewrite(table: string, codec: string, during: () => Promise<unknown> = async () => {}) {
      await sql(`ALTER TABLE shop.${table} SET TBLPROPERTIES ('write.parquet.compression-codec' = '${codec}')`)
      const { run } = await request<{ run: { id: string } }>(`${route(table)}/rewrites`, {})
      await during()
      for (;;) {
        const { run: now } = await request<{ run: { state: string; outcome: Outcome; error: unknown } }>(
          `/api/v1/jobs/runs/${run.id}`,
        )
        if (now.state === 'succeeded') return now.outcome
        if (now.state !== 'queued' && now.state !== 'running') throw new Error(JSON.stringify(now.error))
        await setTimeout(200)
      }
    }

    test('in format v2 with deletes by position and by equality', async () => {
      await sql(
        `CREATE TABLE shop.trips (id INT, city STRING, fare DECIMAL(9, 2), stops ARRAY<STRUCT<name: STRING, at: TIMESTAMP>>)
         USING iceberg TBLPROPERTIES ('format-version' = '2',
         'write.delete.mode' = 'merge-on-read', 'write.delete.granularity' = 'file')`,
        `INSERT INTO shop.trips SELECT int(id), CASE WHEN id % 5 > 0 THEN concat('c', id % 3) END, id / 4,
         CASE WHEN id % 3 = 0 THEN array(named_struct('name', 's', 'at', timestamp_seconds(id))) END FROM range(2000)`,
        `INSERT INTO shop.trips SELECT int(id), 'new', 1, array() FROM range(2000, 2500)`,
      )
      await inSpark.request({ code: equalityDeleteCode('trips', { id: 1 }, '[[3], [4], [2001]]') })
      await sql(
        `INSERT INTO shop.trips SELECT int(id), 'later', 1, array() FROM range(3000, 3100)`,
        'DELETE FROM shop.trips WHERE id = 3050',
      )
      const before = await rowsInSpark('trips')
      expect(before.length).toBe(2596)
      const outcome = await rewrite('trips', 'gzip')
      expect(outcome.filesSkipped).toBe(0)
      expect(outcome.filesRewritten).toBeGreaterThan(2)
      expect(await rowsInSpark('trips')).toEqual(before)
      await sql('DELETE FROM shop.trips WHERE id BETWEEN 10 AND 19', `INSERT INTO shop.trips VALUES (1, 'x', 1, NULL)`)
      expect((await rowsInSpark('trips')).length).toBe(before.length - 10 + 1)
    })

    test('in PyIceberg, which commits to the table meanwhile', async () => {
      await inPython.request({
        code: `
schema = pa.schema([pa.field('id', pa.int64()), pa.field('note', pa.string())])
table = catalog.create_table(('shop', 'notes'), schema)
for n in range(4): table.append(pa.table({'id': range(n * 1000, (n + 1) * 1000), 'note': [f'note {i % 17}' for i in range(1000)]}, schema))`,
      })
      const before = await rowsInPython('notes')
      const append = `
table = catalog.load_table(('shop', 'notes'))
for n in range(5):
    table.append(pa.table({'id': [n + 9000], 'note': ['meanwhile']}, schema))
    table.refresh()`
      const outcome = await rewrite('notes', 'gzip', () => inPython.request({ code: append }))
      expect(outcome.filesRewritten).toBeGreaterThanOrEqual(4)
      expect(outcome.filesSkipped).toBe(0)
      const after = await rowsInPython('notes')
      expect(after).toHaveLength(4005)
      expect(after).toEqual(expect.arrayContaining(before))
      expect(await rowsInSpark('notes')).toHaveLength(4005)
    })

    test.each([
      { table: 'by_file', granularity: 'file' },
      { table: 'by_partition', granularity: 'partition' },
    ])(
      'in format v2 with position delete files $table, while Spark deletes more rows',
      async ({ table, granularity }) => {
        await sql(
          `CREATE TABLE shop.${table} (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city) TBLPROPERTIES (
         'format-version' = '2', 'write.delete.mode' = 'merge-on-read', 'write.delete.granularity' = '${granularity}')`,
          `INSERT INTO shop.${table} SELECT id, concat('c', id % 3) FROM range(3000)`,
          `INSERT INTO shop.${table} SELECT id, concat('c', id % 3) FROM range(3000, 4000)`,
          `DELETE FROM shop.${table} WHERE id % 10 = 1`,
          `DELETE FROM shop.${table} WHERE id IN (0, 2999, 3999)`,
        )
        const before = await rowsInSpark(table)
        expect(await rowsInPython(table)).toHaveLength(before.length)
        const pythonBefore = await rowsInPython(table)
        const outcome = await rewrite(table, 'gzip')
        expect(outcome.filesSkipped).toBe(0)
        expect(await rowsInSpark(table)).toEqual(before)
        expect(await rowsInPython(table)).toEqual(pythonBefore)
        // The deletes are those that Spark itself reads and compacts.
        await sql(
          `DELETE FROM shop.${table} WHERE id = 2`,
          `CALL peer.system.rewrite_position_delete_files('shop.${table}')`,
        )
        expect(await rowsInSpark(table)).toEqual(before.filter((row) => !row.startsWith('["2",')))
        const deletion = `DELETE FROM shop.${table} WHERE id IN (3, 3003)`
        const again = await rewrite(table, 'snappy', async () => {
          // If the rewrite is committed first, Spark refuses to delete rows of removed files.
          await sql(deletion).catch((error: unknown) => {
            if (!String(error).includes('missing data files')) throw error
          })
        })
        await sql(deletion)
        expect(again.filesSkipped).toBe(0)
        expect(await rowsInSpark(table)).toEqual(before.filter((row) => !/^\["(2|3|3003)",/.test(row)))
      },
    )

    test('in format v3 with deletion vectors of Spark', async () => {
      await sql(
        `CREATE TABLE shop.vectors (id BIGINT, city STRING) USING iceberg TBLPROPERTIES ('format-version' = '3',
         'write.delete.mode' = 'merge-on-read')`,
        `INSERT INTO shop.vectors SELECT /*+ COALESCE(1) */ id, 'a' FROM range(100000)`,
        `INSERT INTO shop.vectors SELECT id, 'b' FROM range(100000, 100500)`,
        'DELETE FROM shop.vectors WHERE id < 9000 OR id % 1000 = 7',
      )
      const lineage = 'id, city, _row_id, _last_updated_sequence_number'
      const before = await rowsInSpark('vectors', lineage)
      const outcome = await rewrite('vectors', 'gzip')
      expect(outcome.filesSkipped).toBe(0)
      expect(await rowsInSpark('vectors', lineage)).toEqual(before)
      expect(await rowsInPython('vectors')).toHaveLength(before.length)
      await sql('DELETE FROM shop.vectors WHERE id = 20001')
      const later = before.filter((row) => !row.startsWith('["20001",'))
      expect(later).toHaveLength(before.length - 1)
      expect(await rowsInSpark('vectors', lineage)).toEqual(later)
      await rewrite('vectors', 'snappy')
      expect(await rowsInSpark('vectors', lineage)).toEqual(later)
    })

    test('in format v3 with deletion vectors and row lineage', async () => {
      await sql(
        `CREATE TABLE shop.orders (id BIGINT, city STRING) USING iceberg TBLPROPERTIES ('format-version' = '3',
         'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'copy-on-write')`,
        `INSERT INTO shop.orders SELECT id, 'a' FROM range(3000)`,
        `INSERT INTO shop.orders SELECT id, 'b' FROM range(3000, 3500)`,
        `UPDATE shop.orders SET city = 'c' WHERE id = 3001`,
        // Its files have rows with ids of their own and new rows, which inherit theirs.
        `MERGE INTO shop.orders t USING (SELECT id, 'm' AS city FROM range(2990, 3005) UNION ALL SELECT id, 'n' FROM range(3900, 3950)) s
         ON t.id = s.id WHEN MATCHED THEN UPDATE SET t.city = s.city WHEN NOT MATCHED THEN INSERT *`,
        `INSERT INTO shop.orders SELECT id, 'd' FROM range(4000, 4100)`,
        'DELETE FROM shop.orders WHERE id = 4001',
      )
      const lineage = 'id, city, _row_id, _last_updated_sequence_number'
      const before = await rowsInSpark('orders', lineage)
      expect(before).toHaveLength(3649)
      const outcome = await rewrite('orders', 'snappy')
      // They include the rows of Spark's update: rows with stored ids that inherit the sequence number.
      expect(outcome.filesSkipped).toBe(0)
      expect(outcome.filesRewritten).toBeGreaterThan(0)
      expect(await rowsInSpark('orders', lineage)).toEqual(before)
      await sql(`INSERT INTO shop.orders VALUES (5000, 'e')`, `CALL peer.system.rewrite_data_files('shop.orders')`)
      const compacted = await rowsInSpark('orders', lineage)
      expect(compacted).toEqual(expect.arrayContaining(before))
      expect(compacted).toHaveLength(before.length + 1)
      const rowIds = await sql('SELECT count(DISTINCT _row_id) FROM shop.orders')
      expect(rowIds).toEqual([[String(compacted.length)]])
    })
  },
)
