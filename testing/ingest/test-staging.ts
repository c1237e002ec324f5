import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance, type Json } from '@duckdb/node-api'
import { afterAll, beforeAll } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { Reject } from '@/server/ingest/input/rejects'
import { type CsvOptions, CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { readPathValues } from '@/server/ingest/input/path-values'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { toColumnRule } from '@/lib/rules/column-rules'
import { previewInput } from '@/server/ingest/stage/preview-input'
import { stageInput } from '@/server/ingest/stage/stage-input'
import type { OnProgress } from '@/server/ingest/stage/staging'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { InputPreview, InputRequest, KeyFiles, StageResult } from '@/server/ingest/stage-request'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

export type StagingOptions = {
  maxRejectedRows?: number
  allowAmbiguousNumbers?: boolean
  ignoreExtra?: boolean
  spec?: PartitionSpec
  sortOrder?: SortOrder
  keyFiles?: KeyFiles
  properties?: Record<string, string>
  onProgress?: OnProgress
  csv?: Partial<CsvOptions>
  mapping?: Partial<LoadMapping>
  /** JSON by the names of the rules. */
  rules?: Readonly<Record<string, unknown>>
  name?: string
  /** In the test's folder; by default a name of its own. */
  path?: string
  /** Other files in the test's folder. */
  others?: readonly { path: string; bytes: Uint8Array }[]
  /** The path of the file, whose folders have values. */
  location?: string
  loadedAtMs?: number
  limits?: DuckdbLimits
}

const DEFAULT_LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 2, tempMiB: 1024 }

export type PreviewOptions = Pick<
  StagingOptions,
  'spec' | 'ignoreExtra' | 'csv' | 'mapping' | 'rules' | 'name' | 'path' | 'others' | 'location' | 'limits'
> & {
  isTruncated?: boolean
  maxRows?: number
}

const UNPARTITIONED: PartitionSpec = { specId: 0, fields: [] }

/** Gives a test file a folder in which inputs are staged as in a run, and removes it afterwards. */
export function createTestStaging() {
  let folder = ''
  let stagingCount = 0
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-stage-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const rejectsFile = () => path.join(folder, `rejects-${stagingCount}.ndjson`)
  const recordsFile = () => path.join(folder, `records-${stagingCount}`)
  const readRejects = (): Reject[] =>
    readFileSync(rejectsFile(), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const inputRequest = (
    format: InputFormat,
    input: string | Uint8Array,
    fields: readonly NestedField[],
    options: StagingOptions,
  ): InputRequest => {
    const { ignoreExtra = false, csv, mapping, rules = {}, name, location = '', loadedAtMs = 0 } = options
    stagingCount += 1
    const inputPath = path.join(folder, options.path ?? `input-${stagingCount}.${format}`)
    writeFileSync(inputPath, input)
    for (const other of options.others ?? []) writeFileSync(path.join(folder, other.path), other.bytes)
    return {
      input: {
        path: inputPath,
        name: name ?? path.basename(inputPath),
        pathValues: readPathValues(location),
        format,
        ignoreExtra,
        csv: { ...CSV_DEFAULTS, ...csv },
        mapping: { ...BY_NAME, ...mapping },
        loadedAtMs,
      },
      schema: { schemaId: 0, identifierFieldIds: [], fields },
      rules: Object.entries(rules).map(([rule, json]) => toColumnRule(rule, JSON.stringify(json), { fields })),
      stagingDir: mkdtempSync(path.join(folder, 'staging-')),
      limits: options.limits ?? DEFAULT_LIMITS,
    }
  }
  return {
    /** A path for an input. */
    file: (name: string) => path.join(folder, name),

    async stage(
      format: InputFormat,
      input: string | Uint8Array,
      fields: readonly NestedField[],
      options: StagingOptions = {},
    ): Promise<StageResult> {
      const { maxRejectedRows = 0, allowAmbiguousNumbers = false, spec, sortOrder, keyFiles, properties = {} } = options
      const request = inputRequest(format, input, fields, options)
      return stageInput(
        {
          ...request,
          spec: spec ?? UNPARTITIONED,
          keyFiles: keyFiles ?? { folder: request.stagingDir, earlierNames: [] },
          sortOrder: sortOrder ?? null,
          rejects: { file: rejectsFile(), location: `file://${rejectsFile()}`, recordsFile: recordsFile() },
          maxRejectedRows,
          allowAmbiguousNumbers,
          fileStem: 't_data_20260102',
          write: parseWriteSettings(properties, { fields }, () => {}),
        },
        options.onProgress,
      )
    },

    preview(
      format: InputFormat,
      input: string | Uint8Array,
      fields: readonly NestedField[],
      options: PreviewOptions = {},
    ): Promise<InputPreview> {
      const { isTruncated = false, maxRows = 1000, spec = UNPARTITIONED } = options
      return previewInput({ ...inputRequest(format, input, fields, options), spec, isTruncated }, { maxRows })
    },

    /** The rejected records of the last staging, as they were saved. */
    rejectedRecords: (): Buffer => readFileSync(recordsFile()),

    /** The rejects of the last staging as they were saved. */
    savedRejects: readRejects,

    /** The rejects of the last staging, without their records. */
    rejects: (): Omit<Reject, 'text' | 'part'>[] =>
      readRejects().map(({ text: _text, part: _part, ...reject }) => reject),

    /** The records of the rejects of the last staging. */
    rejectTexts: (): (string | null)[] => readRejects().map(({ text }) => text),

    /** The same, each with its rejected value in ⟦brackets⟧; those of which no part is known as they are. */
    markedRejects: (): (string | null)[] => readRejects().map(markPart),

    /** Rows of the staged files, in the order of the files. */
    async rows({ files }: Pick<StageResult, 'files'>, select = '*'): Promise<Json[][]> {
      const rows = []
      for (const { stagedPath } of files)
        rows.push(...(await queryDuckdb(`SELECT ${select} FROM read_parquet('${stagedPath}')`)))
      return rows
    },
  }
}

function markPart({ text, part }: Reject): string | null {
  if (text === null || part === null) return text
  return `${text.slice(0, part.start)}⟦${text.slice(part.start, part.end)}⟧${text.slice(part.end)}`
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
