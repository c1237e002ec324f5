import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { schemaFromJson } from '@/lib/iceberg/schema/schema-json'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { Schema } from '@/lib/iceberg/schema/types'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'

/** A load up to the file that is put into the table, and the parts of it, each measured. */

/** Processor time of all threads, and wall-clock time. */
export type Measured = { cpuMs: number; wallMs: number }

/** DuckDB's names of types that differ from Iceberg's. */
const SQL_TYPES: Readonly<Record<string, string>> = { long: 'BIGINT', string: 'VARCHAR' }
const PROPERTIES = { 'write.parquet.compression-codec': 'zstd' }

export function readSchema(json: string): Schema {
  return schemaFromJson(parseExactJson(json))
}

/** @param input `.csv` or `.parquet` */
export async function measureStage(input: string, folder: string, schema: Schema): Promise<Measured> {
  const stagingDir = emptyFolder(path.join(folder, 'staging'))
  const rejects = path.join(folder, 'rejects.ndjson')
  return await measure(async () => {
    const { files } = await stageInput({
      input: {
        path: input,
        name: path.basename(input),
        pathValues: new Map(),
        format: input.endsWith('.csv') ? 'csv' : 'parquet',
        ignoreExtra: false,
        csv: CSV_DEFAULTS,
        mapping: BY_NAME,
        loadedAtMs: 0,
      },
      schema,
      rules: [],
      keyFiles: { folder: stagingDir, earlierNames: [] },
      spec: { specId: 0, fields: [] },
      sortOrder: null,
      stagingDir,
      rejects: { file: rejects, location: `file://${rejects}`, recordsFile: path.join(folder, 'records') },
      maxRejectedRows: 0,
      fileStem: 'rows',
      write: parseWriteSettings(PROPERTIES, schema, () => {}),
      limits: { memoryMiB: 1024, threads: 2, tempMiB: 1024 },
    })
    if (files.length !== 1) throw new Error(`${files.length} files were staged`)
  })
}

/** The same rows as a load lets DuckDB write them: with the field ids of the schema, in row groups of 65,536 rows. */
export async function measureCopy(csv: string, folder: string, schema: Schema, codec: string): Promise<Measured> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const columns = schema.fields.map(({ name, type }) => {
      if (typeof type !== 'string') throw new Error(`${name} has columns within it`)
      return `'${name}': '${SQL_TYPES[type] ?? type}'`
    })
    await connection.run(
      `CREATE TEMP TABLE rows AS SELECT * FROM read_csv('${csv}', header = true, columns = {${columns.join(', ')}})`,
    )
    const file = path.join(folder, `${codec}.parquet`)
    rmSync(file, { force: true })
    return await measure(() =>
      connection.run(`COPY rows TO '${file}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 65536)`),
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Measures the transcoding of the file that `measureCopy` wrote without compression. */
export function measureTranscoding(folder: string, schema: Schema): Promise<Measured> {
  const to = path.join(folder, 'transcoded.parquet')
  rmSync(to, { force: true })
  const { layout } = parseWriteSettings(PROPERTIES, schema, () => {})
  return measure(() =>
    withFileSource(path.join(folder, 'uncompressed.parquet'), (source) =>
      withFileSink(to, (sink) =>
        transcodeParquet(source, sink, { layout, codecs: pageCodecs, compressors: pageCompressors }),
      ),
    ),
  )
}

async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs }
}

function emptyFolder(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true })
  return folder
}
