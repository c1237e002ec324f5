import type { CsvOptions } from '@/lib/ingest/csv-options'
import { readCsvRecords } from '@/lib/ingest/csv-records'
import { type JsonRecord, readJsonArray, readJsonLines } from '@/lib/ingest/json-items'
import { JsonSyntax, type JsonToken, parseJsonTokens } from '@/lib/ingest/json-tokens'
import { readCsvRow } from '@/lib/ingest/rejects/csv-row'
import { createCsvCut, LINE_CUT, type RecordCut } from '@/lib/ingest/sample/record-cut'
import type { TextRow } from '@/lib/ingest/sample/sampled-values'
import { spreadBlocks } from '@/lib/ingest/sample/spread-sample'
import { inOnePiece } from '@/lib/in-one-piece'
import type { FileBeginning } from './file-beginning'

/** Smaller than those of the server: columns and partitions are read from every row, on the thread of the page. */
const BLOCK_BYTES = 8 * 1024

/** The header of a CSV file, and how it is read. */
type CsvFile = { csv: CsvOptions; names: readonly string[]; delimiter: string }

export function csvCut({ csv, names, delimiter }: CsvFile): RecordCut {
  return createCsvCut({ csv, delimiter, fieldCount: names.length })
}

/** Whole records from all over a file, behind its beginning; none of a file that was read whole, or is compressed. */
export async function readFurther(
  file: File,
  { isWhole, isCompressed }: FileBeginning,
  cut: RecordCut = LINE_CUT,
): Promise<Uint8Array[]> {
  if (isWhole || isCompressed) return []
  const blocks = spreadBlocks(file.size, BLOCK_BYTES)
  const read = async ({ start, end }: { start: number; end: number }) => {
    const from = start - (start % cut.unitBytes)
    return cut.block(new Uint8Array(await file.slice(from, end).arrayBuffer()), from)
  }
  const parts = await Promise.all(blocks.map(read))
  return parts.map(({ records }) => records).filter(({ length }) => length > 0)
}

/**
 * The rows of the beginning of a CSV file, or those from all over it, as far as a load can read them.
 *
 * @param further records as {@link readFurther} returns them
 */
export async function readCsvRows(
  bytes: Uint8Array,
  isWhole: boolean,
  { file, further }: { file: CsvFile; further: readonly Uint8Array[] },
): Promise<TextRow[]> {
  const { csv, names, delimiter } = file
  const { quote, nullText, skippedLines, hasHeader } = csv
  const indexes = new Map(names.map((name, i) => [name, i]))
  const rows: TextRow[] = []
  const add = async (records: Uint8Array, isBeginning: boolean) => {
    let isHeader = isBeginning && hasHeader
    const options = { delimiter, quote, nullText, skippedLines: isBeginning ? skippedLines : 0 }
    for await (const record of readCsvRecords(inOnePiece(records), {
      ...options,
      isTruncated: isBeginning && !isWhole,
    })) {
      const row = isHeader ? null : readCsvRow(record, { fieldCount: names.length, hasHeader })
      isHeader = false
      if (row === null || 'reason' in row) continue
      const { fields } = row
      rows.push(([name = '']) => fields[indexes.get(name) ?? -1] ?? null)
    }
  }
  if (further.length === 0) await add((await csvCut(file).first(bytes, isWhole)).records, true)
  for (const records of further) await add(records, false)
  return rows
}

/** The rows of the beginning of a file of JSON, or those from all over it. Lines that are no objects are left out. */
export async function readJsonRows(
  bytes: Uint8Array,
  isWhole: boolean,
  { isArray, further }: { isArray: boolean; further: readonly Uint8Array[] },
): Promise<TextRow[]> {
  const rows: TextRow[] = []
  const add = async (batches: AsyncIterable<readonly JsonRecord[]>) => {
    for await (const records of batches)
      for (const { text } of records) {
        const token = typeof text === 'string' ? parseObject(text) : null
        if (token !== null) rows.push((path) => textAt(token, path))
      }
  }
  if (further.length === 0)
    await add(isArray ? readJsonArray(inOnePiece(bytes), !isWhole) : readJsonLines(inOnePiece(bytes), !isWhole))
  for (const lines of further) await add(readJsonLines(inOnePiece(lines)))
  return rows
}

function parseObject(text: string): JsonToken | null {
  try {
    const token = text.trim() === '' ? null : parseJsonTokens(text)
    return token?.kind === 'object' ? token : null
  } catch (error) {
    if (error instanceof JsonSyntax) return null
    throw error
  }
}

function textAt(token: JsonToken, path: readonly string[]): string | null {
  let at: JsonToken | undefined = token
  for (const name of path) at = at?.kind === 'object' ? at.members.get(name) : undefined
  switch (at?.kind) {
    case 'number':
    case 'string':
      return at.text
    case 'true':
    case 'false':
      return at.kind
    default:
      return null
  }
}
