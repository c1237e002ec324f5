import 'server-only'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Schema } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { ColumnRule } from '@/lib/rules/column-rules'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import { clock } from '@/server/timing/clock'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { limitsForColumns } from '../input/column-limits'
import { findEmptiedColumns } from '../run/emptied-columns'
import type { InputPreview } from '../stage-request'
import { copyBeginning } from './copy-beginning'
import type { IngestSpec } from '../run/ingest-spec'
import { findQuestionsIn } from './load-questions'
import { findOtherReadings } from './other-readings'
import type { PreviewedInput } from './previewed-input'
import type { RunPreview } from '../run/run-child'
import { readTextBeginning } from './text-beginning'

const MAX_PREVIEW_ROWS = 1_000
/** A longer one would be of no use to a form. */
const MAX_PREVIEW_MS = 30_000
const LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 1, tempMiB: 512 }

type PreviewedLoad = {
  userId: string
  schema: Schema
  spec: PartitionSpec
  rules: readonly ColumnRule[]
  /** Null for a table that the load creates. */
  table: Pick<LoadedTable, 'metadata' | 'store'> | null
  input: PreviewedInput
  options: Pick<IngestSpec, 'format' | 'ignoreExtra' | 'csv' | 'mapping' | 'landing'>
}

/**
 * Reads the beginning of a file as a load into a table would, in the same kind of process, and changes nothing.
 *
 * @throws {AppError} invalid-request while nothing of the upload has arrived; and what reading the file throws
 */
export async function previewLoad(
  runPreview: RunPreview,
  { userId, schema, spec, rules, table, input, options }: PreviewedLoad,
  requestSignal: AbortSignal,
): Promise<LoadPreview> {
  const signal = AbortSignal.any([requestSignal, clock.deadline(MAX_PREVIEW_MS)])
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-preview-'))
  try {
    const sample = await copyBeginning(input, { folder, signal, format: options.format })
    const stagingDir = path.join(folder, 'staged')
    await mkdir(stagingDir)
    const { format, ignoreExtra, csv = CSV_DEFAULTS, mapping = BY_NAME } = options
    const preview = await runPreview(
      {
        input: {
          path: sample.path,
          name: input.name,
          pathValues: input.pathValues,
          format,
          ignoreExtra,
          csv,
          mapping,
          loadedAtMs: clock.nowMs(),
        },
        schema,
        spec,
        rules,
        stagingDir,
        limits: limitsForColumns(LIMITS, schema.fields.length),
        isTruncated: sample.isTruncated,
      },
      { maxRows: MAX_PREVIEW_ROWS, userId, signal },
    )
    const isText = format === 'csv' || format === 'ndjson' || format === 'json'
    const text = isText ? await readTextBeginning(sample, { format, folder }) : null
    const questions = text === null ? [] : await findQuestionsIn(text, { format, csv, mapping, schema })
    const otherReadings =
      text === null ? [] : await findOtherReadings(text.bytes, { format, csv, found: preview.delimiter })
    // Without a row, and without a header, the fields of the file are not known.
    const columns = preview.fields.length === 0 ? [] : preview.absentColumns
    const emptiedColumns =
      table === null
        ? []
        : await findEmptiedColumns(table, { columns, branch: options.landing?.branch ?? null }, signal)
    const inputVersion = input.readVersion?.() ?? null
    return {
      ...toLoadPreview(preview, schema, sample.isTruncated || preview.rowsRead >= MAX_PREVIEW_ROWS),
      questions,
      ...(otherReadings.length > 0 && { otherReadings }),
      emptiedColumns,
      ...(inputVersion !== null && { inputVersion }),
    }
  } catch (error) {
    if (!signal.aborted || requestSignal.aborted) throw error
    throw new AppError('too-large', `The first rows of ${input.name} could not be read within 30 seconds.`, {
      cause: error,
      facts: { limit: 'preview' },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function toLoadPreview(
  preview: InputPreview,
  { fields }: Schema,
  isTruncated: boolean,
): Omit<LoadPreview, 'questions' | 'emptiedColumns'> {
  const counts = new Map(preview.rejectCounts.map(({ column, count }) => [column, count]))
  const problems = new Map(preview.columnProblems.map((problem) => [problem.column, problem]))
  return {
    delimiter: preview.delimiter,
    fields: preview.fields.map(({ name, samples }) => ({ name, samples: [...samples] })),
    columns: fields.map(({ name, type }) => ({
      name,
      type: typeLabel(type),
      rejectedCount: counts.get(name) ?? 0,
      problem: problems.get(name)?.detail ?? null,
    })),
    rows: preview.rows.map(({ values, ...row }) => ({ ...row, values: [...values] })),
    rejects: preview.rejects.map((reject) => ({ file: null, ...reject })),
    rowsRead: preview.rowsRead,
    rowsRejected: preview.rowsRejected,
    isTruncated,
    unmappedFields: [...preview.unmappedFields],
    unknownColumns: [...preview.unknownColumns],
    missingFields: [...preview.missingFields],
    missingColumns: [...preview.missingColumns],
  }
}
