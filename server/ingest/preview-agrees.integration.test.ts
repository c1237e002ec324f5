import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { RowValue } from '@/lib/scan/read/row-values'
import { valueText } from '@/lib/scan/value-text'
import { quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { column, createTestStaging, type StagingOptions } from '@/testing/ingest/test-staging'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { ODD_CSV_TEXTS } from '@/testing/ingest/texts/odd-csv-texts'
import { ODD_JSON_TEXTS } from '@/testing/ingest/texts/odd-json-texts'
import type { OddText } from '@/testing/ingest/texts/odd-text'
import { ODD_VALUES } from '@/testing/ingest/texts/odd-values'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { MappingProblems } from './input/mapping-problems'
import type { PreviewedInput } from './preview/previewed-input'
import { sampleLoad } from './preview/sample-load'
import type { InputPreview, StageResult } from './stage-request'

/** A preview shows the rows and the rejects of the load, or refuses the file with the same error; a sample counts them. */

const staging = createTestStaging()
const ANY_REJECTS: StagingOptions = { maxRejectedRows: 1_000_000, allowAmbiguousNumbers: true, name: 'odd' }
const MAX_CELL_CHARS = 1_000
const LINE = 'its_line'

type Row = readonly (string | null)[]
type Refusal = { code: string; message: string }
type Counted = { rejects: readonly unknown[]; rowsRead: number; rowsRejected: number }
type Outcome = { refusal: Refusal } | (Counted & { rows: readonly Row[]; absentColumns: readonly string[] })

async function outcomeOf<Read>(read: () => Promise<Read>): Promise<Read | { refusal: Refusal }> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { refusal: { code: error.code, message: error.message } }
  }
}

function preview({ format, input, fields, options }: OddText): Promise<Outcome> {
  return outcomeOf(async () => {
    const shown = await staging.preview(format, input, fields, { ...options, name: 'odd' })
    throwFirstProblem(shown)
    const { rejects, rowsRead, rowsRejected, absentColumns } = shown
    const rows = shown.rows.map(({ values }) => values)
    return { rows: options?.spec ? rows.toSorted(compareRows) : rows, rejects, rowsRead, rowsRejected, absentColumns }
  })
}

/** A preview lists the problems of a mapping together. The first of them stops a load. */
function throwFirstProblem(shown: InputPreview): void {
  const problems = new MappingProblems()
  for (const problem of shown.columnProblems) problems.addColumn(problem.column, problem.detail, problem.position)
  problems.unknownColumns.push(...shown.unknownColumns)
  problems.unmappedFields.push(...shown.unmappedFields)
  problems.missingFields.push(...shown.missingFields)
  problems.missingColumns.push(...shown.missingColumns)
  problems.throwFirst()
}

function load({ format, input, fields, options }: OddText): Promise<Outcome> {
  return outcomeOf(async () => {
    const staged = await staging.stage(format, input, fields, { ...options, ...ANY_REJECTS })
    const { rowsRead, rowsRejected, fieldUse } = staged
    const written = await readRows(staged, fields)
    return {
      rows: options?.spec ? written.toSorted(compareRows) : written,
      rejects: readRejects(staged),
      rowsRead,
      rowsRejected,
      absentColumns: fieldUse.absentColumns,
    }
  })
}

/** Rows of partitioned tables are written in the order of partitions. */
function compareRows(a: Row, b: Row): number {
  return Number(JSON.stringify(a) > JSON.stringify(b)) || -1
}

function readRejects({ rowsRejected }: StageResult): unknown[] {
  if (rowsRejected === 0) return []
  return staging.savedRejects().map(({ record, ...saved }) => {
    if (!('isByRecord' in saved)) return saved
    const { isByRecord: _isByRecord, ...reject } = saved
    return { ...reject, record }
  })
}

/** Values as a grid shows them, by Lakeshore's own reader. Nested ones are JSON by DuckDB. */
async function readRows(staged: StageResult, fields: readonly NestedField[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const file of staged.files) rows.push(...(await readFileRows(file, fields)))
  return rows
}

async function readFileRows(file: StagedFile, fields: readonly NestedField[]): Promise<Row[]> {
  const types = Object.fromEntries(fields.map(({ name, type }) => [name, type]))
  const columns = await readWholeFile(file.fileName, readFileSync(file.stagedPath), pageCodecs, undefined, types)
  const nested = fields.filter(({ type }) => typeof type !== 'string').map(({ name }) => name)
  const texts = nested
    .map(quoteIdentifier)
    .map((name) => `CASE WHEN ${name} IS NOT NULL THEN to_json(${name})::VARCHAR END`)
  const nestedRows = nested.length === 0 ? [] : await staging.rows({ files: [file] }, texts.join(', '))
  return Array.from({ length: file.recordCount }, (_, row) =>
    columns.map(({ field, values }) => {
      const at = nested.indexOf(field.name)
      const text = at < 0 ? primitiveText(field, values[row] ?? null) : nestedRows[row]?.[at]
      return typeof text === 'string' ? shorten(text) : null
    }),
  )
}

function primitiveText({ name, type }: NestedField, value: RowValue | null): string | null {
  if (value === null) return null
  if (typeof type !== 'string' || (typeof value === 'object' && !(value instanceof Uint8Array)))
    throw new TypeError(`${name} is nested`)
  return valueText(type, value, 'UTC')
}

function shorten(text: string): string {
  return text.length > MAX_CELL_CHARS ? `${text.slice(0, MAX_CELL_CHARS)}…` : text
}

/** The same file for a table that has the line of each row, too: no load of it is divided between threads. */
function withLines(odd: OddText): OddText {
  const mapping = { ...BY_NAME, ...odd.options?.mapping }
  const columns = { ...mapping.columns, [LINE]: { fact: 'line' as const } }
  const fields = [...odd.fields, column(9_999, LINE, 'long')]
  return { ...odd, fields, options: { ...odd.options, mapping: { ...mapping, columns } } }
}

describe.each([...ODD_CSV_TEXTS, ...ODD_JSON_TEXTS])('$name', (odd) => {
  it('is previewed as it is loaded, with and without the lines of its rows', async () => {
    const numbered = withLines(odd)
    const shown = await preview(numbered)
    expect(shown).toEqual(await load(numbered))
    const withoutLines = 'rows' in shown ? { ...shown, rows: shown.rows.map((row) => row.slice(0, -1)) } : shown
    expect(withoutLines).toEqual(await load(odd))
  })
})

/** Only texts without rules and partitions are sampled here. */
function sample({ format, input, fields, options }: OddText) {
  const bytes = Buffer.from(input)
  const file: PreviewedInput = {
    name: 'odd',
    pathValues: new Map(),
    sizeBytes: bytes.length,
    receivedBytes: bytes.length,
    localPath: null,
    async *stream() {
      yield bytes
    },
  }
  return outcomeOf(async () => {
    const { from, rowsRead, rowsRejected, rejects } = await sampleLoad(
      STAGE_HERE.runStage,
      {
        userId: 'u',
        schema: { schemaId: 0, identifierFieldIds: [], fields },
        spec: { specId: 0, fields: [] },
        sortOrder: null,
        properties: {},
        rules: [],
        input: file,
        options: {
          format,
          ignoreExtra: options?.ignoreExtra ?? false,
          csv: { ...CSV_DEFAULTS, ...options?.csv },
          mapping: { ...BY_NAME, ...options?.mapping },
        },
      },
      new AbortController().signal,
    )
    expect(from).toBe('whole')
    return { rowsRead, rowsRejected, rejects: rejects.map(({ afterByte: _byte, ...reject }) => reject) }
  })
}

const SAMPLED = /line ends|quotes in quotes|header only|no bytes|one column|2,000 columns$/

it.each(ODD_CSV_TEXTS.filter(({ name }) => SAMPLED.test(name)))(
  '$name: all rows are sampled as they are loaded',
  async (odd) => {
    expect(await load(odd)).toMatchObject(await sample(odd))
  },
)

describe.each(ODD_VALUES)('$name', ({ toInput, texts, isBare, ...odd }) => {
  it('is previewed as it is loaded, and values that fit are loaded without the others', async () => {
    const shown = await preview({ ...odd, input: toInput(texts) })
    expect(shown).toEqual(await load({ ...odd, input: toInput(texts) }))
    const rows = 'rows' in shown ? shown.rows : []
    const fitting = new Map(rows.map((row) => [Number(row[0]), row]))
    // DuckDB may read JSON itself if its records are alike.
    const files = isBare ? [...texts.keys()].map((id) => [id]) : [[...fitting.keys()]]
    for (const ids of files) {
      const input = toInput(new Map(ids.map((id) => [id, texts.get(id) ?? ''])))
      const staged = await staging.stage(odd.format, input, odd.fields, ANY_REJECTS)
      expect(await readRows(staged, odd.fields)).toEqual(
        ids.flatMap((id) => [fitting.get(id) ?? []].filter(({ length }) => length > 0)),
      )
      expect(['streamed', odd.format === 'csv' ? 'streamed' : 'record-by-record']).toContain(staged.way)
    }
  })
})

describe('Where keys of JSON do not meet the table, a preview names them, and a load rejects their rows:', () => {
  const fields = [column(1, 'a', 'int', true)]

  it.each(['ndjson', 'json'] as const)('%s', async (format) => {
    const file = (...records: string[]) => (format === 'json' ? `[${records.join(',\n')}]` : records.join('\n'))
    const extra = file('{"a":1,"c":2}', '{"a":"q"}', '{"a":3,"d":4}', '{"a":5}')
    await staging.stage(format, extra, fields, ANY_REJECTS)
    const rejects = staging.rejects().map(({ line, column: name }) => [line, name])
    expect(rejects).toEqual([1, 2, 3].map((line) => [line, { 1: 'c', 2: 'a', 3: 'd' }[line]]))
    const shown = await staging.preview(format, extra, fields)
    expect(shown).toMatchObject({ unmappedFields: ['c', 'd'], rejects: [{ line: 2, column: 'a' }] })

    const lacking = file('{}', '{}')
    const { rowsRejected } = await staging.stage(format, lacking, fields, ANY_REJECTS)
    expect(rowsRejected).toBe(2)
    expect(await staging.preview(format, lacking, fields)).toMatchObject({ missingColumns: ['a'], rejects: [] })
  })
})
