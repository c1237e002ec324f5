import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder } from '@/lib/scan/deletes/delete-file'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { fetchGroup, openDataFile } from '@/lib/scan/read/data-file'
import { createValueGetter, type RowValue } from '@/lib/scan/read/row-values'
import { createRowReader } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { readLiveEntries } from '@/lib/scan/snapshot-manifests'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import { startRestFixture } from '@/testing/peers/rest-fixture'

/** Tables whose data and delete files Spark writes as Avro, with Iceberg's Java library, and reads again. */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const python = installPyspark()

describe.skipIf(python === null || jar === null)('Avro tables of Spark (skipped when it is unavailable)', () => {
  let folder: string
  let server: Awaited<ReturnType<typeof startRestFixture>>
  let session: PythonSession

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'avro-tables-'))
    server = await startRestFixture(folder)
    session = openSpark({ uri: server.uri })
    await sql('CREATE NAMESPACE shop')
  })
  afterAll(async () => {
    await session?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs statements in order. @returns the rows of the last one, every value as text */
  async function sql(...statements: string[]): Promise<(string | null)[][]> {
    let rows: (string | null)[][] = []
    for (const statement of statements) rows = await session.request({ sql: statement })
    return rows
  }

  async function loadTable(name: string) {
    const response = await fetch(`${server.uri}/v1/namespaces/shop/tables/${name}`)
    const { metadata } = parseExactJson(await response.text()) as { metadata: never }
    const table = readTableMetadata(stringifyExactJson(metadata))
    const { snapshot, schema } = resolveAsOf(table, {})
    return { metadata: table, snapshot, fields: schema.fields }
  }
  const readFile = async (location: string) => new Uint8Array(readFileSync(location.replace(/^file:(\/\/)?/, '')))
  const source = { readFile, codecs: avroCodecs }

  function openFile(location: string): ByteSource {
    const bytes = new Uint8Array(readFileSync(location.replace(/^file:(\/\/)?/, '')))
    return { name: location, byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) }
  }

  /** All rows of a table of Avro files, by the names of its columns. */
  async function readTable(name: string): Promise<Record<string, RowValue | null>[]> {
    const table = await loadTable(name)
    const { fields } = table
    const plan = await planScan(table, source)
    const tasks = await plan.listTasks({ fromFile: 0 })
    const deletes = (await plan.readDeletes())?.entries.map(createDeleteFileBuilder(table.metadata)) ?? []
    expect(tasks.length).toBeGreaterThan(0)
    expect(new Set(tasks.map(({ fileFormat }) => fileFormat))).toEqual(new Set(['avro']))
    const files = tasks.map(
      (task): ScanFile => ({
        ...task,
        path: task.filePath,
        deletes: task.deletes.flatMap((index) => deletes[index] ?? []),
      }),
    )
    const open = ({ path: location }: { path: string }) => openFile(location)
    const reader = createRowReader({ fields, files, codecs: pageCodecs, open, openDelete: open })
    const rows: Record<string, RowValue | null>[] = []
    for (let firstRow = 0; firstRow < reader.rowCount; firstRow += 10_000) {
      const fieldIds = fields.map(({ id }) => id)
      const { columns, lastRow } = await reader.readRows({ firstRow, lastRow: firstRow + 10_000, fieldIds })
      for (let row = 0; row < lastRow - firstRow; row++) {
        rows.push(Object.fromEntries(fields.map((field) => [field.name, columns.get(field.id)?.[row] ?? null])))
      }
    }
    return rows
  }

  const text = (value: RowValue | null | undefined) => (value === null || value === undefined ? null : String(value))
  const hex = (value: RowValue | null | undefined) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex').toUpperCase() : null
  const at = (value: RowValue | null | undefined, ...indexes: number[]): RowValue | null =>
    indexes.reduce<RowValue | null>(
      (inner, index) => (Array.isArray(inner) ? (inner[index] ?? null) : null),
      value ?? null,
    )

  test('have the rows that Spark reads, of every type and nested', async () => {
    await sql(
      `CREATE TABLE shop.types (id BIGINT, b BOOLEAN, i INT, f FLOAT, d DOUBLE, small DECIMAL(9, 2), large DECIMAL(38, 10),
       day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, s STRING, bin BINARY, list ARRAY<STRUCT<x: INT, y: STRING>>,
       map MAP<INT, STRING>, st STRUCT<a: STRUCT<b: BIGINT>, c: ARRAY<ARRAY<INT>>>) USING iceberg
       TBLPROPERTIES ('write.format.default' = 'avro')`,
      `INSERT INTO shop.types VALUES
       (9223372036854775807, true, -2147483648, 1.5, -0.1, 1234567.89, 1234567890123456789012345678.0123456789,
        DATE '0001-01-01', TIMESTAMP '2023-05-15 16:30:45.123456', TIMESTAMP_NTZ '1969-12-31 23:59:59.999999', 'Côte 🐇', X'00FF10',
        array(named_struct('x', 1, 'y', 'one'), NULL, named_struct('x', NULL, 'y', NULL)), map(1, 'a', 2, NULL),
        named_struct('a', named_struct('b', 7L), 'c', array(array(1, NULL), array(), NULL))),
       (-9223372036854775808, false, 2147483647, float('NaN'), double('-Infinity'), -0.01, -1234567.0000000001,
        DATE '9999-12-31', TIMESTAMP '1582-10-15 00:00:00', TIMESTAMP_NTZ '9999-12-31 00:00:00', '', X'', array(), map(),
        named_struct('a', NULL, 'c', NULL)),
       (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
    )
    const inSpark = await sql(
      `SELECT string(id), string(b), string(i), string(f), string(d), string(bigint(small * 100)),
       replace(string(large), '.', ''), string(unix_date(day)), string(unix_micros(ts)),
       string(unix_micros(CAST(ntz AS TIMESTAMP))), s, hex(bin), string(size(list)), string(list[0].x), list[0].y, string(list[1] IS NULL),
       string(list[2] IS NULL), map[1], string(map_contains_key(map, 2)), string(st.a.b), string(st.c[0][0]), string(st.c[0][1]),
       string(size(st.c[1])), string(st.c[2] IS NULL) FROM shop.types ORDER BY id`,
    )
    const rows = (await readTable('types')).sort((a, b) => (BigInt(String(a.id)) < BigInt(String(b.id)) ? -1 : 1))
    expect(rows).toHaveLength(3)
    const float = (value: RowValue | null | undefined) =>
      typeof value === 'number' && Number.isFinite(value) ? String(Math.fround(value)) : text(value)
    const inLakeshore = rows.map(({ id, b, i, f, d, small, large, day, ts, ntz, s, bin, list, map, st }) => {
      const isNullIn = (value: RowValue | null, ...indexes: number[]) => String(at(value, ...indexes) === null)
      const lists = at(st ?? null, 1)
      return [
        ...[id, b, i].map(text),
        float(f),
        text(d),
        ...[small, large].map(text),
        ...[day, ts, ntz, s].map(text),
        hex(bin),
        Array.isArray(list) ? String(list.length) : '-1',
        text(at(list ?? null, 0, 0)),
        text(at(list ?? null, 0, 1)),
        isNullIn(list ?? null, 1),
        isNullIn(list ?? null, 2),
        text(at(map ?? null, 0, 1)),
        Array.isArray(map) ? String(map.some((entry) => at(entry as RowValue, 0) === 2)) : null,
        text(at(st ?? null, 0, 0)),
        text(at(lists, 0, 0)),
        text(at(lists, 0, 1)),
        Array.isArray(at(lists, 1)) ? String((at(lists, 1) as readonly RowValue[]).length) : '-1',
        String(at(lists, 2) === null),
      ]
    })
    expect(inLakeshore).toEqual(inSpark)
  })

  test.each(['gzip', 'zstd', 'snappy', 'uncompressed'])('have many rows in several blocks: %s', async (codec) => {
    await sql(
      `CREATE TABLE shop.many_${codec} (id BIGINT, note STRING, half DOUBLE) USING iceberg
       TBLPROPERTIES ('write.format.default' = 'avro', 'write.avro.compression-codec' = '${codec}')`,
      `INSERT INTO shop.many_${codec} SELECT /*+ COALESCE(1) */ id, IF(id % 7 = 0, NULL, repeat(md5(string(id)), 3)), id / 2
       FROM range(0, 30000, 1, 1)`,
    )
    const inSpark = await sql(
      `SELECT string(id), note, string(half) FROM shop.many_${codec} WHERE id % 1000 = 3 ORDER BY bigint(id)`,
    )
    const rows = await readTable(`many_${codec}`)
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 30_000 }, (_, id) => BigInt(id)))
    const chosen = rows.filter((_, id) => id % 1000 === 3)
    expect(chosen.map(({ id, note, half }) => [text(id), text(note), text(half)])).toEqual(inSpark)
    expect(rows.filter(({ note }) => note === null)).toHaveLength(Math.ceil(30_000 / 7))
  })

  test('are read with renamed, promoted, dropped and added columns, and with partition values', async () => {
    await sql(
      `CREATE TABLE shop.changed (id INT, part STRING, f FLOAT, price DECIMAL(5, 2), gone STRING, st STRUCT<a: INT>)
       USING iceberg PARTITIONED BY (part) TBLPROPERTIES ('write.format.default' = 'avro')`,
      `INSERT INTO shop.changed VALUES (1, 'p', 1.5, 1.25, 'x', named_struct('a', 1)), (2, NULL, NULL, NULL, NULL, NULL)`,
      'ALTER TABLE shop.changed RENAME COLUMN id TO number',
      'ALTER TABLE shop.changed ALTER COLUMN number TYPE BIGINT',
      'ALTER TABLE shop.changed ALTER COLUMN f TYPE DOUBLE',
      'ALTER TABLE shop.changed ALTER COLUMN price TYPE DECIMAL(20, 2)',
      'ALTER TABLE shop.changed DROP COLUMN gone',
      'ALTER TABLE shop.changed ADD COLUMN gone INT',
      'ALTER TABLE shop.changed ADD COLUMN st.b STRING FIRST',
      'ALTER TABLE shop.changed ALTER COLUMN price FIRST',
      `INSERT INTO shop.changed (number, part, f, price, gone, st)
       VALUES (3000000000, 'q', 0.1, 123456789012345678.25, 9, named_struct('b', 'B', 'a', 3))`,
    )
    const inSpark = await sql(
      `SELECT string(number), part, string(f), string(price), string(gone), st.b, string(st.a)
       FROM shop.changed ORDER BY number`,
    )
    const rows = (await readTable('changed')).sort((a, b) => Number(a.number) - Number(b.number))
    const price = (value: RowValue | null | undefined) => text(value)?.replace(/(\d\d)$/, '.$1') ?? null
    expect(
      rows.map((row) => [
        ...[row.number, row.part, row.f].map(text),
        price(row.price),
        text(row.gone),
        text(at(row.st ?? null, 0)),
        text(at(row.st ?? null, 1)),
      ]),
    ).toEqual(inSpark)
  })

  test('have position delete files with the positions that Spark lists, and leave those rows out', async () => {
    await sql(
      `CREATE TABLE shop.deleted (id BIGINT, city STRING) USING iceberg TBLPROPERTIES ('format-version' = '2',
       'write.format.default' = 'avro', 'write.delete.format.default' = 'avro', 'write.delete.mode' = 'merge-on-read')`,
      `INSERT INTO shop.deleted SELECT /*+ COALESCE(1) */ id, string(id) FROM range(0, 5000, 1, 1)`,
      'DELETE FROM shop.deleted WHERE id % 5 = 2',
    )
    const inSpark = await sql('SELECT file_path, string(pos) FROM shop.deleted.position_deletes')
    expect(inSpark).toHaveLength(1000)
    const deletes = (await readLiveEntries(await loadTable('deleted'), source)).filter(
      ({ dataFile: { content } }) => content === 'position-deletes',
    )
    const fields: NestedField[] = [
      { id: 2_147_483_546, name: 'file_path', required: true, type: 'string' },
      { id: 2_147_483_545, name: 'pos', required: true, type: 'long' },
    ]
    const found: (string | null)[][] = []
    for (const { dataFile } of deletes) {
      const { filePath, fileFormat, recordCount } = dataFile
      expect(fileFormat).toBe('avro')
      const facts = { fileFormat, recordCount, constants: new Map(), nameMapping: null }
      const tally = { bytesRead: 0, requests: 0 }
      const file = await openDataFile(openFile(filePath), facts, { codecs: pageCodecs, tally, tailBytes: 1024 })
      for (const [group, { rowCount }] of file.rowGroups.entries()) {
        const options = { from: 0, to: rowCount, fields, chunks: new Map(), reserveMemory: () => undefined }
        const vectors = (await fetchGroup(file, group, options))(0, rowCount, () => undefined)
        const getters = vectors.map((vector, i) =>
          createValueGetter(vector, fields[i]?.type ?? 'unknown', () => undefined),
        )
        for (let row = 0; row < rowCount; row++) found.push(getters.map((get) => text(get(row))))
      }
    }
    const inOrder = (rows: (string | null)[][]) => rows.toSorted((a, b) => Number(a[1]) - Number(b[1]))
    expect(inOrder(found)).toEqual(inOrder(inSpark))
    const rows = await readTable('deleted')
    expect(rows.map(({ id }) => [text(id)])).toEqual(await sql('SELECT id FROM shop.deleted ORDER BY id'))
    expect(rows).toHaveLength(4000)
  })
})
