import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { readFooter } from '@/lib/parquet/footer'
import type { QueryEngine } from '@/lib/query/engine'
import { planScan } from '@/lib/scan/plan/scan-plan'
import type { RowValue } from '@/lib/scan/read/row-values'
import { createRowReader } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { readStoredPages, type StoredPage } from '@/server/parquet/transcode/read-stored-pages'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { openParquetTables } from '@/testing/duckdb/parquet-tables'
import { serverAdapter } from '@/testing/duckdb/server-adapter'
import { createTestSession } from '@/testing/duckdb/test-session'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'

/**
 * Spark's LZ4 is that of Hadoop, whose blocks are one length and one or more chunks: a page above 256 KiB has several.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const python = installPyspark()

const ROW_COUNT = 4000
/** `note` has pages of about 1 MiB, and one value that is longer than 256 KiB; the pages of `ratio` have no values. */
const ROWS = `SELECT id, concat('city ', string(id % 50)) AS city,
  IF(id = 1234, repeat(md5(string(id)), 20000), IF(id % 9 = 0, NULL, repeat(md5(string(id)), 20))) AS note,
  CAST(NULL AS DOUBLE) AS ratio FROM range(0, ${ROW_COUNT}, 1, 1)`
const EXPECTED_ROWS = Array.from({ length: ROW_COUNT }, (_, id): [bigint, string, string | null, null] => {
  const text = createHash('md5').update(String(id)).digest('hex')
  const note = id === 1234 ? text.repeat(20_000) : id % 9 === 0 ? null : text.repeat(20)
  return [BigInt(id), `city ${id % 50}`, note, null]
})
const KIB = 1024

describe.skipIf(python === null || jar === null)('A table of Spark in LZ4 (skipped when it is unavailable)', () => {
  let folder: string
  let session: PythonSession

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lz4-tables-'))
    session = openSpark({ type: 'hadoop', warehouse: folder })
  })
  afterAll(async () => {
    await session?.stop()
    rmSync(folder, { recursive: true })
  })

  async function sql(...statements: string[]): Promise<void> {
    for (const statement of statements) await session.request({ sql: statement })
  }

  const createTable = (name: string) =>
    sql(
      `CREATE TABLE shop.${name} (id BIGINT, city STRING, note STRING, ratio DOUBLE) USING iceberg
       TBLPROPERTIES ('write.parquet.compression-codec' = 'lz4')`,
    )

  const readFile = async (location: string) => new Uint8Array(readFileSync(location.replace(/^file:(\/\/)?/, '')))

  /** The table with its only data file. */
  async function loadTable(name: string) {
    const metadataFolder = path.join(folder, 'shop', name, 'metadata')
    const version = readFileSync(path.join(metadataFolder, 'version-hint.text'), 'utf8')
    const metadata = readTableMetadata(readFileSync(path.join(metadataFolder, `v${version}.metadata.json`), 'utf8'))
    const { snapshot, schema } = resolveAsOf(metadata, {})
    const plan = await planScan({ metadata, snapshot }, { readFile, codecs: avroCodecs })
    const [task, ...others] = await plan.listTasks({ fromFile: 0 })
    if (!task || others.length > 0) throw new Error('Spark wrote another number of files.')
    const file: ScanFile = { ...task, path: task.filePath, deletes: [] }
    const bytes = await readFile(task.filePath)
    const source: ByteSource = {
      name: task.filePath,
      byteLength: bytes.length,
      read: async (start, end) => bytes.slice(start, end),
    }
    return { fields: schema.fields, nameMapping: readNameMapping(metadata.properties), file, bytes, source }
  }
  type Loaded = Awaited<ReturnType<typeof loadTable>>

  /** The pages of a column as Spark stored them. */
  async function listPages({ source }: Loaded, leaf: number): Promise<StoredPage[]> {
    const { rowGroups } = await readFooter(source, {})
    const pages: StoredPage[] = []
    for (const chunk of rowGroups.flatMap(({ columns }) => columns.filter((one) => one.leaf === leaf))) {
      expect(chunk.codec).toBe('lz4')
      for await (const page of readStoredPages(source, chunk, { maxPageBytes: 64 * KIB * KIB })) pages.push(page)
    }
    return pages
  }

  async function readRows({ fields, nameMapping, file, source }: Loaded): Promise<(RowValue | null)[][]> {
    const reader = createRowReader({ fields, files: [file], codecs: pageCodecs, nameMapping, open: () => source })
    const fieldIds = fields.map(({ id }) => id)
    const { columns } = await reader.readRows({ firstRow: 0, lastRow: reader.rowCount, fieldIds })
    return Array.from({ length: reader.rowCount }, (_, row) => fieldIds.map((id) => columns.get(id)?.[row] ?? null))
  }

  const toAccess = ({ fields, nameMapping, bytes, file }: Loaded) =>
    openParquetTables([
      { name: 'shop.lz4', fields, bytes, recordCount: file.recordCount, ...(nameMapping && { nameMapping }) },
    ])

  async function query(engine: Pick<QueryEngine, 'run'>): Promise<(RowValue | null)[][]> {
    const request = {
      sql: 'SELECT id, city, note, ratio FROM shop.lz4 ORDER BY id',
      cursor: 0,
      connection: 'local',
      connections: ['local'],
      maxRows: ROW_COUNT,
    }
    const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
    const { batches, columns } = await engine.run(request, options)
    return batches.flatMap(({ rowCount, value }) =>
      Array.from({ length: rowCount }, (_, row) => columns.map((_column, i) => value(row, i))),
    )
  }

  /** Rows in the browser's grid, in its engine, and in that of the server. */
  async function expectRows(table: Loaded): Promise<void> {
    expect(await readRows(table)).toEqual(EXPECTED_ROWS)
    const wasm = await resetNodeDuckdb()
    const browser = createTestSession({ ...toAccess(table), startEngine: async () => nodeEngine(wasm) })
    expect(await query(browser)).toEqual(EXPECTED_ROWS)
    const limits = { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir: folder }
    expect(await query(serverAdapter(toAccess(table), limits))).toEqual(EXPECTED_ROWS)
  }

  test('has its rows, with pages of version 1', async () => {
    await createTable('v1')
    await sql(`INSERT INTO shop.v1 ${ROWS}`)
    const table = await loadTable('v1')
    const [cities, notes] = [await listPages(table, 1), await listPages(table, 2)]
    expect(cities.map(({ header }) => header.kind)).toEqual(['dictionary', 'data'])
    expect(notes.some(({ header }) => header.kind === 'data' && header.encodedBytes > 256 * KIB)).toBe(true)
    await expectRows(table)
  })

  test('has its rows, with pages of version 2, some of which have no values', async () => {
    // Iceberg writes pages of version 1 only.
    const files = path.join(folder, 'files')
    await session.request({
      code: `spark.sql(${JSON.stringify(ROWS)}).coalesce(1).write.option("compression", "lz4").option("parquet.writer.version", "PARQUET_2_0").parquet(${JSON.stringify(files)})`,
    })
    await createTable('v2')
    await sql(`CALL peer.system.add_files(table => 'shop.v2', source_table => '\`parquet\`.\`${files}\`')`)
    const table = await loadTable('v2')
    const [cities, notes, ratios] = [await listPages(table, 1), await listPages(table, 2), await listPages(table, 3)]
    expect(cities.map(({ header }) => header.kind)).toEqual(['dictionary', 'data-v2'])
    expect(notes.some(({ header }) => header.kind === 'data-v2' && header.encodedBytes > 256 * KIB)).toBe(true)
    const valueBytes = ratios.map(({ header: { levels, encodedBytes } }) =>
      'isCompressed' in levels ? encodedBytes - levels.definitionBytes : null,
    )
    expect(valueBytes).toEqual([0])
    await expectRows(table)
  })
})
