import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFooter } from '@/lib/parquet/footer'
import { goldenFolder } from '@/testing/golden/golden-tables'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { openDataFile } from '../read/data-file'
import { requireReadable } from '@/lib/scan/read/unreadable-cell'
import { lineText } from '../value-text'
import { listDeletePositions } from './delete-positions'
import { readFileRows } from './file-rows'

let duckdb: DuckDBConnection
beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create()).connect()
})
afterAll(() => duckdb.closeSync())

function parquetFilesOf(table: string): string[] {
  const folder = goldenFolder(table)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(folder, name))
}

async function open(file: string, hasOwnColumns: boolean) {
  const bytes = new Uint8Array(readFileSync(file))
  const { rowCount } = await readFooter(sourceOf(bytes))
  return await openDataFile(
    sourceOf(bytes, file),
    { recordCount: rowCount, constants: new Map(), nameMapping: null, hasOwnColumns },
    { codecs: pageCodecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: 65_536 },
  )
}

/** Rows as DuckDB reads them, as text. */
async function queryTexts(sql: string): Promise<(string | null)[][]> {
  const reader = await duckdb.runAndReadAll(sql)
  return reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))))
}

describe('The contents of delete files that other engines wrote', () => {
  it.each(['spark_position_deletes_by_file', 'spark_position_deletes_by_partition', 'trino_position_deletes'])(
    'of %s are positions, as DuckDB reads them',
    async (table) => {
      let deleteFileCount = 0
      for (const file of parquetFilesOf(table)) {
        const opened = await open(file, false)
        if (opened.format !== 'parquet' || opened.footer.leaves[0]?.name !== 'file_path') continue
        deleteFileCount += 1
        const { files, readCount, rowCount } = await listDeletePositions(opened)
        const positions = files.flatMap(({ path: dataFile, ranges }) =>
          ranges.flatMap(({ first, last }) =>
            Array.from({ length: last - first + 1 }, (_, offset) => [dataFile, String(first + offset)]),
          ),
        )
        expect(positions).toEqual(
          await queryTexts(
            `SELECT file_path, pos FROM read_parquet('${file}', hive_partitioning = false) ORDER BY file_path, pos`,
          ),
        )
        expect([readCount, rowCount]).toEqual([positions.length, positions.length])
      }
      expect(deleteFileCount).toBeGreaterThan(0)
    },
  )

  it.each(['java_equality_deletes', 'java_equality_deletes_on_dropped_column', 'flink_upserts', 'spark_nested_types'])(
    'of %s are the rows of the files, as DuckDB reads them',
    async (table) => {
      const files = parquetFilesOf(table)
      expect(files.length).toBeGreaterThan(0)
      for (const file of files) {
        const { fields, rows, rowCount } = await readFileRows(await open(file, true), file, { from: 0, limit: 1_000 })
        const described = await queryTexts(`DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`)
        expect(fields.map(({ name }) => name)).toEqual(described.map(([name]) => name))
        const [[count] = []] = await queryTexts(
          `SELECT count(*) FROM read_parquet('${file}', hive_partitioning = false)`,
        )
        expect([rows.length, rowCount]).toEqual([Number(count), Number(count)])
        // Values without parts are written alike; times are compared elsewhere.
        const simple = fields.filter(({ type }) => typeof type === 'string' && /^(int|long|string|date)$/.test(type))
        const names = simple.map(({ name }) => `"${name}"::VARCHAR`).join(', ')
        const texts = rows.map((row) =>
          simple.map((field) => {
            const value = requireReadable(row[fields.indexOf(field)] ?? null)
            return value === null ? null : lineText(field.type, value, 'UTC')
          }),
        )
        expect(texts).toEqual(
          names === ''
            ? texts
            : await queryTexts(`SELECT ${names} FROM read_parquet('${file}', hive_partitioning = false)`),
        )
      }
    },
  )
})
