import 'server-only'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { declaredColumns, PATH_SEPARATOR } from '@/lib/changes/declaration/declared-columns'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { readArrowFields } from '@/lib/ingest/arrow/arrow-records'
import { readAvroFileType } from '@/lib/ingest/avro-records'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { declareArrow } from '@/lib/ingest/declared/declare-arrow'
import { declareAvro } from '@/lib/ingest/declared/declare-avro'
import type { DeclaredFile } from '@/lib/ingest/declared/declared-file'
import { sampleCsv } from '@/lib/ingest/sample-file'
import { sampleJson } from '@/lib/ingest/sample/json-sample'
import type { UnreadableRows } from '@/lib/ingest/sample/unreadable-rows'
import { readFooter } from '@/lib/parquet/footer'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { copyBeginning } from './copy-beginning'
import type { PreviewedInput } from './previewed-input'
import { readBytes } from './read-bytes'
import { readTextBeginning } from './text-beginning'

/** The columns of a file; of a text those of its first rows. */
export type DeclaredInput = DeclaredFile & {
  /** Null for a file whose own schema says its types. */
  sampledRowCount: number | null
  /** Rows of a text that a load rejects as a whole; null without any. */
  unreadable: UnreadableRows | null
  /** How the values of a CSV file are to be read; the options may have the answers. */
  questions: readonly CsvQuestion[]
}

const OWN_TYPES = { sampledRowCount: null, unreadable: null, questions: [] }

/**
 * The columns that a new table needs to hold a file: those of its schema, or those that the first rows of a text have.
 *
 * @throws {AppError} file-damaged, not-supported; too-large for a file that has to be copied completely
 */
export async function declareColumns(
  input: PreviewedInput,
  { format, csv, ignoredFields = [] }: { format: InputFormat; csv?: CsvOptions; ignoredFields?: readonly string[] },
  signal: AbortSignal,
): Promise<DeclaredInput> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-declare-'))
  try {
    const beginning = await copyBeginning(input, { folder, signal, format })
    return await declareCopy({ ...beginning, name: input.name, folder, format, csv, ignoredFields })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Copy = {
  path: string
  isTruncated: boolean
  name: string
  folder: string
  format: InputFormat
  csv: CsvOptions | undefined
  ignoredFields: readonly string[]
}

async function declareCopy(copy: Copy): Promise<DeclaredInput> {
  const { path: file, isTruncated, name, folder, format, csv, ignoredFields } = copy
  switch (format) {
    case 'avro':
      return { ...declareAvro(await readAvroFileType(createReadStream(file), name)), ...OWN_TYPES }
    case 'arrow': {
      const readEnd = (sizeBytes: number) => readBytes(file, { fromEnd: true, sizeBytes })
      const fields = await readArrowFields(createReadStream(file), { name, readEnd })
      return { ...declareArrow(fields), ...OWN_TYPES }
    }
    case 'parquet':
      return { ...(await declareParquet(file, name)), ...OWN_TYPES }
    case 'csv':
    case 'json':
    case 'ndjson': {
      const { bytes, isWhole } = await readTextBeginning({ path: file, isTruncated }, { format, folder })
      const { columns, rowCount, unreadable, findQuestions } = await sampleText(bytes, isWhole, { format, csv })
      return {
        columns: columns.map((column) => ({ name: column.name, type: column.type })),
        doubts: new Map(columns.flatMap(({ name: column, sampled }) => sampled.doubts(column))),
        omitted: [],
        sampledRowCount: rowCount,
        unreadable,
        questions: findQuestions((_kind, column) => !ignoredFields.includes(column)),
      }
    }
  }
}

function sampleText(
  bytes: Uint8Array,
  isWhole: boolean,
  { format, csv }: { format: 'csv' | 'json' | 'ndjson'; csv: CsvOptions | undefined },
) {
  if (format === 'csv') return sampleCsv(bytes, isWhole, csv)
  return sampleJson({ isArray: format === 'json', bytes, isWhole })
}

async function declareParquet(file: string, name: string): Promise<DeclaredFile> {
  const handle = await open(file, 'r')
  try {
    const { size: byteLength } = await handle.stat()
    const footer = await readFooter({
      name,
      byteLength,
      read: async (start, end) => {
        const bytes = new Uint8Array(end - start)
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
        return bytes.subarray(0, bytesRead)
      },
    })
    const { columns, leaves } = declaredColumns(footer.schema)
    const doubts = [...leaves].flatMap(([at, { doubt }]): [string, string][] =>
      doubt === null ? [] : [[at.replaceAll(PATH_SEPARATOR, '.'), doubt]],
    )
    return { columns, doubts: new Map(doubts), omitted: [] }
  } finally {
    await handle.close()
  }
}
