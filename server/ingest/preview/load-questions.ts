import 'server-only'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Schema, Type } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import type { IsAsked } from '@/lib/ingest/readings/csv-questions'
import { findCsvQuestions } from '@/lib/ingest/sample-file'
import type { CsvQuestion, ReadingKind } from '@/lib/ingest/readings/csv-question'
import { listNumbers, numbersIn } from '../readings/number-columns'
import type { IngestSpec } from '../run/ingest-spec'
import { copyBeginning } from './copy-beginning'
import type { PreviewedInput } from './previewed-input'
import { readTextBeginning } from './text-beginning'

const MAX_ROWS = 10_000

type Reading = Pick<IngestSpec, 'format' | 'csv' | 'mapping'> & { schema: Schema }

/**
 * How values of a file are to be read that fill columns of a table, and would be read otherwise than they may be meant.
 * Values that a load rejects without options are seen, so they need no question. None for other formats than CSV.
 *
 * @throws {AppError} file-damaged; what reading the file throws
 */
export async function findLoadQuestions(
  input: PreviewedInput,
  reading: Reading,
  signal: AbortSignal,
): Promise<CsvQuestion[]> {
  if (reading.format !== 'csv') return []
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-questions-'))
  try {
    const beginning = await copyBeginning(input, { folder, signal, format: reading.format })
    return await findQuestionsIn(await readTextBeginning(beginning, { format: reading.format, folder }), reading)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same for the beginning of a file, decompressed. */
export async function findQuestionsIn(
  { bytes, isWhole }: { bytes: Uint8Array; isWhole: boolean },
  { format, csv = CSV_DEFAULTS, mapping = BY_NAME, schema }: Reading,
): Promise<CsvQuestion[]> {
  if (format !== 'csv') return []
  const filled = findFilledColumns(schema, mapping)
  const questions = await findCsvQuestions(bytes, isWhole, {
    csv,
    maxRows: MAX_ROWS,
    isAsked: askedFields(filled),
    numbersOf: listNumbers(filled),
  })
  return questions.filter(({ readings }) => readings[0]?.value !== null)
}

type FilledColumn = { type: Type; source: string }

/** The columns that take a field as it is. Expressions read texts as they say themselves. */
function findFilledColumns({ fields }: Schema, { columns, ignoredFields }: LoadMapping): FilledColumn[] {
  return fields.flatMap(({ name, type }) => {
    const source = Object.hasOwn(columns, name) ? columns[name] : { field: name }
    const isFilled = source !== undefined && 'field' in source && !ignoredFields.includes(source.field)
    return isFilled ? [{ type, source: source.field }] : []
  })
}

/** The fields that fill columns of each kind. */
function askedFields(filled: readonly FilledColumn[]): IsAsked {
  return (kind, field) => filled.some(({ type, source }) => source === field && kindOf(type) === kind)
}

function kindOf(type: Type): ReadingKind | null {
  if (typeof type !== 'string') return null
  if (numbersIn(type) !== null) return 'numbers'
  switch (parsePrimitive(type).kind) {
    case 'date':
      return 'dates'
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return 'times'
    default:
      return null
  }
}
