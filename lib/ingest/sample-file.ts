import { AppError } from '../errors'
import type { ColumnDeclaration } from '../changes/declaration/table-declaration'
import { CSV_DELIMITERS, type CsvField, readCsvRecords } from './csv-records'
import { type InferredType, TypeSample } from './infer-type'
import { JsonSyntax, parseJsonTokens } from './json-tokens'

/** The columns of a text file, as inferred from its first rows. */
export type FileSample = {
  columns: readonly (ColumnDeclaration & { sampled: TypeSample; inferred: InferredType })[]
  rowCount: number
  /** Whether there are more rows than were read. */
  isTruncated: boolean
}

export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024
const MAX_ROWS = 10_000
const MAX_COLUMNS = 10_000

/**
 * Samples a CSV file with a header. The delimiter is the one with which the header has the most fields.
 *
 * @param bytes the beginning of the file
 * @throws {AppError} file-damaged for a file that is not CSV with a header
 */
export async function sampleCsv(bytes: Uint8Array, isWhole: boolean): Promise<FileSample> {
  let [best, mostFields]: [(typeof CSV_DELIMITERS)[number], number] = [CSV_DELIMITERS[0], 0]
  for (const delimiter of CSV_DELIMITERS) {
    const header = await readHeader(bytes, delimiter)
    if (header.length > mostFields) [best, mostFields] = [delimiter, header.length]
  }
  const names = await readHeader(bytes, best)
  if (names.length === 0) throw new AppError('file-damaged', 'The file has no header that names its columns.')
  if (names.length > MAX_COLUMNS) throw new AppError('too-large', `The file has ${names.length} columns.`)
  const rows = names.map(() => new TypeSample())
  let rowCount = -1
  let isTruncated = !isWhole
  // A record may be cut off with the sample, so each one is counted when the next one was found.
  let pending: readonly CsvField[] | null = null
  const add = (fields: readonly CsvField[]) => {
    for (const [i, sample] of rows.entries()) sample.addText(fields[i] ?? null)
  }
  for await (const record of readCsvRecords(inOnePiece(bytes), { delimiter: best })) {
    if (pending !== null) add(pending)
    pending = null
    if ('malformed' in record) {
      if (isWhole) throw new AppError('file-damaged', `Line ${record.line} ${record.malformed}.`)
      continue
    }
    rowCount += 1
    if (rowCount > MAX_ROWS) {
      isTruncated = true
      break
    }
    if (rowCount > 0) pending = record.fields
  }
  if (pending !== null && (isWhole || rowCount === 1)) add(pending)
  return {
    columns: names.map((name, i) => toColumn(name, rows[i] ?? new TypeSample())),
    rowCount: Math.min(Math.max(rowCount, 0), MAX_ROWS),
    isTruncated,
  }
}

/**
 * Samples a file of JSON objects, one a line.
 *
 * @throws {AppError} file-damaged, naming the line
 */
export function sampleJsonLines(bytes: Uint8Array, isWhole: boolean): FileSample {
  const lines = new TextDecoder().decode(bytes).split('\n')
  // The last line may be cut off with the sample.
  if (!isWhole) lines.pop()
  const all = new TypeSample()
  let rowCount = 0
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (rowCount === MAX_ROWS) break
    try {
      const token = parseJsonTokens(line)
      if (token.kind !== 'object') throw new JsonSyntax('is no JSON object')
      all.addJson(token)
    } catch (error) {
      if (!(error instanceof JsonSyntax)) throw error
      throw new AppError('file-damaged', `Line ${i + 1} ${error.message}.`, { cause: error, facts: { line: i + 1 } })
    }
    rowCount += 1
  }
  if (rowCount === 0) throw new AppError('file-damaged', 'The file has no line with a JSON object.')
  return {
    columns: [...all.members].map(([name, sample]) => toColumn(name, sample)),
    rowCount,
    isTruncated: !isWhole || rowCount === MAX_ROWS,
  }
}

async function readHeader(bytes: Uint8Array, delimiter: (typeof CSV_DELIMITERS)[number]): Promise<string[]> {
  for await (const record of readCsvRecords(inOnePiece(bytes), { delimiter }))
    return 'fields' in record ? record.fields.map((name) => name ?? '') : []
  return []
}

// oxlint-disable-next-line require-await
async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}

function toColumn(name: string, sampled: TypeSample): FileSample['columns'][number] {
  const inferred = sampled.finish()
  return { name, type: inferred.type, sampled, inferred }
}
