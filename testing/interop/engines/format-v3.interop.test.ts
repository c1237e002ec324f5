import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { CATALOG } from '@/testing/product/console-client'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'

/**
 * Loads by the built product into tables of format version 3 to which Spark and others write as well: row ids, default
 * values and new types, as Iceberg's Java client and PyIceberg read them.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const spark = installPyspark()
const pyiceberg = installPyiceberg()
const isHere = spark !== null && jar !== null && pyiceberg !== null

describe.skipIf(!isHere)(
  'Loading into tables of format version 3 (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let folder: string
    let lakeshore: Lakeshore
    let inSpark: PythonSession
    let inPyiceberg: PythonSession

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'format-v3-'))
      mkdirSync(path.join(folder, 'inputs'))
      lakeshore = await startLakeshore(folder)
      stubFetchWith(lakeshore.console)
      const { uri, token } = lakeshore
      inSpark = openSpark({ uri, token })
      inPyiceberg = openPyiceberg({ uri, token, warehouse: lakeshore.warehouse })
      await sql('CREATE NAMESPACE shop')
    })
    afterAll(async () => {
      await inPyiceberg?.stop()
      await inSpark?.stop()
      await lakeshore?.stop()
      rmSync(folder, { recursive: true })
    })

    /** Runs statements in order. @returns the rows of the last one, every value as text */
    async function sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await inSpark.request({ sql: statement })
      return rows
    }
    const py = <Answer>(code: string) => inPyiceberg.request<Answer>({ code })

    let inputs = 0
    /** Loads a text into a table of `shop`, as `lakeshore ingest` does. @returns the snapshot it added */
    async function load(table: string, text: string, ...more: string[]): Promise<string> {
      inputs += 1
      const file = path.join(folder, 'inputs', `${inputs}.${text.startsWith('{') ? 'ndjson' : 'csv'}`)
      writeFileSync(file, text)
      const output = await lakeshore.run('ingest', '--table', `shop.${table}`, '--file', file, ...more)
      return (JSON.parse(output) as { snapshotId: string }).snapshotId
    }
    const trips = (ids: readonly number[]) => `id,city\n${ids.map((id) => `${id},c${id % 3}\n`).join('')}`
    const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

    type Rows = { ids: number[]; rowIds: number[]; sequenceNumbers: number[] }
    /** The rows that Spark reads, ordered by row id. */
    async function readLineage(table: string): Promise<Rows> {
      const rows = await sql(
        `SELECT id, _row_id, _last_updated_sequence_number FROM shop.${table} ORDER BY _row_id NULLS FIRST`,
      )
      const column = (i: number) => rows.map((row) => (row[i] === null ? Number.NaN : Number(row[i])))
      return { ids: column(0), rowIds: column(1), sequenceNumbers: column(2) }
    }
    async function loadMetadata(table: string): Promise<Metadata> {
      return (await rest('GET', `namespaces/shop/tables/${table}`)).metadata
    }
    async function rest(method: string, route: string, body?: object): Promise<{ metadata: Metadata }> {
      const response = await fetch(`${lakeshore.uri}/v1/${lakeshore.warehouse}/${route}`, {
        method,
        headers: { authorization: `Bearer ${lakeshore.token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
      const answer = await response.text()
      if (!response.ok) throw new Error(`${route} answered ${response.status}: ${answer}`)
      return JSON.parse(answer) as { metadata: Metadata }
    }
    const expectInConsole = async (table: string, rowCount: number) =>
      expect((await lakeshore.console.table('shop', table)).figures.rowCount).toBe(rowCount)

    test('assigns row ids without a gap, between the appends and deletes of Spark', async () => {
      await sql(
        `CREATE TABLE shop.trips (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city) TBLPROPERTIES
       ('format-version' = '3', 'write.delete.mode' = 'copy-on-write', 'write.update.mode' = 'copy-on-write')`,
        `INSERT INTO shop.trips VALUES (0, 'c0'), (1, 'c1'), (2, 'c2')`,
      )
      const first = await load('trips', trips(range(3, 1000)))
      await expectInConsole('trips', 1003)
      const { ids, rowIds, sequenceNumbers } = await readLineage('trips')
      expect(rowIds).toEqual(range(0, 1003))
      expect(new Set(ids)).toEqual(new Set(range(0, 1003)))
      expect(sequenceNumbers).toEqual(rowIds.map((rowId) => (rowId < 3 ? 1 : 2)))
      expect(new Set(ids.slice(3))).toEqual(new Set(range(3, 1000)))

      // Deleted rows are missing. Rows that were copied to another file keep their ids, and so do updated rows.
      const originalRowIds = new Map(ids.map((id, i) => [id, rowIds[i]]))
      await sql(
        'DELETE FROM shop.trips WHERE id % 10 = 7',
        `UPDATE shop.trips SET city = 'moved' WHERE id = 10`,
        `INSERT INTO shop.trips VALUES (5000, 'c0')`,
      )
      const remainingIds = range(0, 1003).filter((id) => id % 10 !== 7)
      await load('trips', trips(range(6000, 50)))
      await expectInConsole('trips', remainingIds.length + 51)
      const later = await readLineage('trips')
      expect(new Set(later.ids)).toEqual(new Set([...remainingIds, 5000, ...range(6000, 50)]))
      expect(new Set(later.rowIds).size).toBe(remainingIds.length + 51)
      const older = later.ids.flatMap((id, i) => (id < 5000 ? [[id, later.rowIds[i]]] : []))
      expect(older).toEqual(
        remainingIds.map((id) => [id, originalRowIds.get(id)]).toSorted(([, x = 0], [, y = 0]) => x - y),
      )
      expect(new Set(later.ids.slice(-50))).toEqual(new Set(range(6000, 50)))
      const newest = later.rowIds.slice(-50)
      expect(newest).toEqual(range(newest[0] ?? Number.NaN, 50))

      const metadata = await loadMetadata('trips')
      expect(metadata['next-row-id']).toBeGreaterThan(newest.at(-1) ?? Number.NaN)
      expect(metadata.snapshots.every((snapshot) => snapshot['first-row-id'] !== undefined)).toBe(true)

      // After a rollback, the ids of the removed rows are not assigned again.
      await lakeshore.console.rollBack('shop', 'trips', first)
      await load('trips', trips(range(7000, 5)))
      const back = await readLineage('trips')
      expect(back.rowIds.slice(0, 1003)).toEqual(range(0, 1003))
      expect(back.rowIds.slice(1003)).toEqual(range(metadata['next-row-id'], 5))
      await expectInConsole('trips', 1008)
      expect(await py<number>(`answer = len(catalog.load_table('shop.trips').scan().to_arrow())`)).toBe(1008)
    })

    test('keeps the deletion vectors of Spark in force', async () => {
      await sql(
        `CREATE TABLE shop.orders (id BIGINT, city STRING) USING iceberg TBLPROPERTIES
       ('format-version' = '3', 'write.delete.mode' = 'merge-on-read')`,
      )
      await load('orders', trips(range(0, 100)))
      await sql('DELETE FROM shop.orders WHERE id >= 90', 'DELETE FROM shop.orders WHERE id < 10')
      expect(await sql('SELECT DISTINCT file_format FROM shop.orders.delete_files')).toEqual([['PUFFIN']])
      await load('orders', trips(range(200, 10)))
      const { ids, rowIds } = await readLineage('orders')
      expect(ids).toEqual([...range(10, 80), ...range(200, 10)])
      expect(rowIds).toEqual([...range(10, 80), ...range(100, 10)])
    })

    test('assigns no row id twice when Spark and two runs write at once', async () => {
      await sql(
        `CREATE TABLE shop.busy (id BIGINT, city STRING) USING iceberg TBLPROPERTIES
       ('format-version' = '3', 'commit.retry.num-retries' = '20')`,
      )
      await Promise.all([
        load('busy', trips(range(0, 100))),
        load('busy', trips(range(100, 100))),
        sql(...range(200, 5).map((id) => `INSERT INTO shop.busy VALUES (${id}, 'c')`)),
      ])
      const { ids, rowIds } = await readLineage('busy')
      expect(rowIds).toEqual(range(0, 205))
      expect(new Set(ids)).toEqual(new Set(range(0, 205)))
      await expectInConsole('busy', 205)
    })

    test('loads into upgraded tables, and assigns ids to their older rows', async () => {
      await sql(
        `CREATE TABLE shop.old (id BIGINT, city STRING) USING iceberg TBLPROPERTIES ('format-version' = '1')`,
        `INSERT INTO shop.old VALUES (0, 'c0'), (1, 'c1')`,
      )
      await expect(load('old', trips([2]))).rejects.toThrow(
        `ALTER TABLE shop.old SET TBLPROPERTIES ('format-version' = '2')`,
      )
      await sql(`ALTER TABLE shop.old SET TBLPROPERTIES ('format-version' = '2')`)
      await load('old', trips(range(2, 10)))
      await sql(`ALTER TABLE shop.old SET TBLPROPERTIES ('format-version' = '3')`)
      await load('old', trips(range(12, 3)))
      const { ids, rowIds } = await readLineage('old')
      expect(rowIds).toEqual(range(0, 15))
      expect(new Set(ids)).toEqual(new Set(range(0, 15)))
      expect(ids.slice(0, 3).toSorted((a, b) => a - b)).toEqual([12, 13, 14])
      await expectInConsole('old', 15)
    })

    test('writes default values when the input has no such column, and leaves old rows unchanged', async () => {
      const field = (id: number, name: string, type: string, more: object = {}) => ({
        id,
        name,
        type,
        required: false,
        ...more,
      })
      const before = { type: 'struct', 'schema-id': 0, fields: [field(1, 'id', 'long')] }
      const defaults = { 'initial-default': 'then', 'write-default': 'now' }
      const fields = [
        ...before.fields,
        field(2, 'state', 'string', { ...defaults, required: true }),
        // The vectorized reader of Iceberg 1.10 mistakes the default of a decimal for that of an int, and fails.
        field(3, 'fee', 'int', { 'initial-default': 0, 'write-default': 14 }),
      ]
      await rest('POST', 'namespaces/shop/tables', {
        name: 'fees',
        schema: before,
        properties: { 'format-version': '3' },
      })
      await load('fees', 'id\n1\n')
      await rest('POST', 'namespaces/shop/tables/fees', {
        requirements: [],
        updates: [
          { action: 'add-schema', schema: { ...before, 'schema-id': 1, fields } },
          { action: 'set-current-schema', 'schema-id': -1 },
        ],
      })
      await load('fees', 'id\n2\n')
      await load('fees', '{"id":3,"fee":null}\n{"id":4,"state":"said"}')
      const expected = [
        ['1', 'then', '0'],
        ['2', 'now', '14'],
        ['3', 'now', null],
        ['4', 'said', '14'],
      ]
      expect(await sql('SELECT id, state, fee FROM shop.fees ORDER BY id')).toEqual(expected)
      const read = `[[None if v is None else str(v) for v in row.values()] for row in catalog.load_table('shop.fees').scan().to_arrow().sort_by('id').to_pylist()]`
      expect(await py(`answer = ${read}`)).toEqual(expected)
    })

    test('creates tables with nanoseconds, as PyIceberg reads them', async () => {
      const schema = path.join(folder, 'inputs', 'nanos.json')
      const columns = [
        ['id', 'long'],
        ['local', 'timestamp_ns'],
        ['instant', 'timestamptz_ns'],
      ]
      const fields = columns.map(([name, type], i) => ({ id: i + 1, name, type, required: false }))
      writeFileSync(schema, JSON.stringify({ type: 'struct', fields }))
      const text = `id,local,instant
1,2001-02-03T04:05:06.123456789,2001-02-03T04:05:06.123456789+02:00
2,,1969-12-31T23:59:59.999999999Z
3,1969-12-31T23:59:59.999999999,
`
      await load(
        'nanos',
        text,
        '--create-schema',
        schema,
        '--partition-by',
        'day(instant)',
        '--property',
        'format-version=3',
      )
      expect(
        await py(`
rows = catalog.load_table('shop.nanos').scan().to_arrow().sort_by('id')
answer = [[str(f.type) for f in rows.schema], [str(v) for v in rows['local'].cast(pa.int64()).to_pylist()], [str(v) for v in rows['instant'].cast(pa.int64()).to_pylist()]]`),
      ).toEqual([
        ['int64', 'timestamp[ns]', 'timestamp[ns, tz=UTC]'],
        ['981173106123456789', 'None', '-1'],
        ['981165906123456789', '-1', 'None'],
      ])
      expect(
        await py(`
import pyarrow.parquet as pq
[path] = [t.file.file_path for t in catalog.load_table('shop.nanos').scan('id = 2').plan_files()]
answer = str(pq.read_schema(path.removeprefix('file://')).field('instant').type)`),
      ).toBe('timestamp[ns, tz=UTC]')
      expect(await readShownRows({ catalog: CATALOG, namespace: ['shop'], table: 'nanos' })).toEqual([
        [1n, 981173106123456789n, 981165906123456789n],
        [2n, null, -1n],
        [3n, -1n, null],
      ])
    })
  },
)

type Metadata = { 'next-row-id': number; snapshots: { 'first-row-id'?: number }[] }
