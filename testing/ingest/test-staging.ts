import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance, type Json } from '@duckdb/node-api'
import { afterAll, beforeAll } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { Reject } from '@/server/ingest/input/rejects'
import { stageInput } from '@/server/ingest/stage/stage-input'
import type { OnProgress } from '@/server/ingest/stage/staging'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { StageResult } from '@/server/ingest/stage-request'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

export type StagingOptions = {
  maxRejectedRows?: number
  ignoreExtra?: boolean
  spec?: PartitionSpec
  properties?: Record<string, string>
  onProgress?: OnProgress
}

/** Gives a test file a folder in which inputs are staged as in a run, and removes it afterwards. */
export function createTestStaging() {
  let folder = ''
  let stagingCount = 0
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-stage-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const rejectsFile = () => path.join(folder, `rejects-${stagingCount}.ndjson`)
  return {
    /** A path for an input. */
    file: (name: string) => path.join(folder, name),

    async stage(
      format: InputFormat,
      input: string | Uint8Array,
      fields: readonly NestedField[],
      { maxRejectedRows = 0, ignoreExtra = false, spec, properties = {}, onProgress }: StagingOptions = {},
    ): Promise<StageResult> {
      stagingCount += 1
      const inputPath = path.join(folder, `input-${stagingCount}.${format}`)
      writeFileSync(inputPath, input)
      return stageInput(
        {
          input: { path: inputPath, format, ignoreExtra },
          schema: { schemaId: 0, identifierFieldIds: [], fields },
          spec: spec ?? { specId: 0, fields: [] },
          stagingDir: mkdtempSync(path.join(folder, 'staging-')),
          rejects: { file: rejectsFile(), location: `file://${rejectsFile()}` },
          maxRejectedRows,
          fileStem: 't_data_20260102',
          write: parseWriteSettings(properties, { fields }, () => {}),
          limits: { memoryMiB: 256, threads: 2, tempMiB: 1024 },
        },
        onProgress,
      )
    },

    /** The rejects of the last staging. */
    rejects: (): Reject[] =>
      readFileSync(rejectsFile(), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),

    /** Rows of the staged files, in the order of the files. */
    async rows({ files }: StageResult, select = '*'): Promise<Json[][]> {
      const rows = []
      for (const { stagedPath } of files)
        rows.push(...(await queryDuckdb(`SELECT ${select} FROM read_parquet('${stagedPath}')`)))
      return rows
    },
  }
}

/** Runs a query in a separate DuckDB. */
export async function queryDuckdb(sql: string): Promise<Json[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export function column(id: number, name: string, type: Type, required = false): NestedField {
  return { id, name, required, type }
}
