import { mkdirSync, rmSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { schemaFromJson } from '@/lib/iceberg/schema/schema-json'
import type { Schema } from '@/lib/iceberg/schema/types'
import { createArrowEncoder } from '@/lib/scan/output/arrow-encoder'
import { createRowReader } from '@/lib/scan/read-rows'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { duckdbType, quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import { openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { readBatches } from '@/server/data-files/read/read-batches'
import { encodeFile } from '@/server/data-files/write/encode-file'
import { writeParquet } from '@/server/data-files/write/parquet-file'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { startChunkThread } from '@/server/parquet/transcode/thread/start-chunk-thread'

/** The same rows in memory, written by Lakeshore and as NDJSON, and held by both. */

const LINES_AT_ONCE = 10_000
const LIMITS = { memoryMiB: 1024, threads: 2, tempMiB: 1024 }

export function readSchema(json: string): Schema {
  return schemaFromJson(parseExactJson(json))
}

export async function readObjects(ndjson: string): Promise<unknown[]> {
  const lines = (await readFile(ndjson, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as unknown)
}

/** As a program writes them that has objects: line by line, and durable in the end. */
export async function writeNdjson(objects: readonly unknown[], to: string): Promise<void> {
  const file = await open(to, 'w')
  for (let start = 0; start < objects.length; start += LINES_AT_ONCE) {
    const lines = objects.slice(start, start + LINES_AT_ONCE).map((row) => `${JSON.stringify(row)}\n`)
    await file.writeFile(lines.join(''))
  }
  await file.sync()
  await file.close()
}

/** The rows as a table of DuckDB in memory, which is where the rows of a load are before they are written. */
export async function holdRows(ndjson: string, folder: string, schema: Schema) {
  mkdirSync(folder, { recursive: true })
  const session = await openDuckdbSession({ inputPath: ndjson, stagingDir: folder }, LIMITS)
  const columns = schema.fields.map(({ name, type }) => `${quoteIdentifier(name)}: '${duckdbType(type)}'`)
  await session.run(
    `CREATE TEMP TABLE held AS SELECT * FROM read_json('${ndjson}', format = 'newline_delimited', columns = {${columns.join(', ')}})`,
  )
  const lane = new ChunkLane(startChunkThread)
  const write = parseWriteSettings({}, schema, () => {})
  const [encoded, file] = [path.join(folder, 'encoded.parquet'), path.join(folder, 'rows.parquet')]
  return {
    /** As a load writes them: with exact bounds, page indexes and checksums, and durable. @returns the size of the file */
    async write(): Promise<number> {
      rmSync(file, { force: true })
      await writeParquet(session, 'SELECT * FROM held', { file: encoded, schema, write, bytesPerRow: 100 })
      const { fileSizeBytes } = await encodeFile({ from: encoded, to: file }, { ...write, schema }, lane)
      const handle = await open(file, 'r+')
      await handle.sync()
      await handle.close()
      return fileSizeBytes
    },
    close() {
      session.close()
      lane.end()
    },
  }
}

/** The rows of a file as Arrow, as the browser has them for the grid and for SQL. */
export async function holdArrow(file: string, schema: Schema, rowCount: number): Promise<Uint8Array[]> {
  const { fields } = schema
  return withFileSource(file, async (source) => {
    const scanned = {
      path: file,
      fileSizeBytes: source.byteLength,
      recordCount: rowCount,
      firstRowIndex: 0,
      sequenceNumber: 0,
      constants: new Map(),
    }
    const codecs = { ...pageCodecs, avro: avroCodecs }
    const reader = createRowReader({ fields, files: [scanned], open: () => source, codecs })
    const encoder = createArrowEncoder(fields)
    const parts = [encoder.start()]
    const fieldIds = fields.map(({ id }) => id)
    const { signal } = new AbortController()
    for await (const { columns, firstRow, lastRow } of readBatches(reader, { firstRow: 0, rowCount, fieldIds, signal }))
      parts.push(encoder.encode(columns, lastRow - firstRow))
    return parts
  })
}
