import 'server-only'
import { createReadStream, type ReadStream } from 'node:fs'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import {
  type CsvRecord,
  cutRecordError,
  isEnded,
  positionName,
  type RecordSyntax,
  readCsvRecords,
} from '@/lib/ingest/csv-records'
import { toUtf8 } from '@/lib/ingest/text-encoding'
import { expectedFields, type LoadPlan } from '../input/load-plan'
import type { LaterPart } from '../stage-request'
import { chooseHeader, type CsvHeader, readFirstRecords } from './csv-header'

const CHUNK_BYTES = 1024 * 1024
const HEADER_CHUNK_BYTES = 64 * 1024

export type CsvFile = { path: string; options: CsvOptions; isTruncated: boolean; laterPart?: LaterPart }

/** The records of a file, and the stream of its bytes, which the caller destroys. */
export function openCsvRecords(
  { path, options, isTruncated }: CsvFile,
  { names, delimiter }: CsvHeader,
): { input: ReadStream; records: AsyncGenerator<CsvRecord> } {
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const records = readCsvRecords(toUtf8(input, options.encoding, isTruncated), {
    ...toSyntax(options),
    delimiter,
    keepEmptyLines: names.length === 1,
    isTruncated,
  })
  return { input, records }
}

function toSyntax({ quote, nullText, skippedLines }: CsvOptions): Partial<RecordSyntax> {
  return { quote, nullText, skippedLines }
}

/**
 * The names in the first record, and the delimiter between them: the given one, or the one with which they match columns
 * of the table or fields of the mapping, otherwise the one with which there are the most, a comma among equals.
 *
 * @throws {AppError} invalid-request when there is no header; too-large for too many names, and when the beginning of a
 *   file ends before its first record does
 */
export async function readCsvHeader(
  { path, options, isTruncated, laterPart }: CsvFile,
  plan: LoadPlan,
): Promise<CsvHeader> {
  const fieldCount = laterPart?.fieldCount ?? null
  // The first record of a later part may be one that does not fit.
  if (fieldCount !== null && options.delimiter !== null)
    return {
      names: Array.from({ length: fieldCount }, (_, i) => positionName(i)),
      delimiter: options.delimiter,
      isFirstLine: false,
    }
  const open = () => createReadStream(path, { highWaterMark: HEADER_CHUNK_BYTES })
  const candidates = await readFirstRecords(open, { ...options, isTruncated })
  // The part that is here would become a name.
  if (isTruncated && candidates.length > 0 && !candidates.some(({ record }) => isEnded(record)))
    throw cutRecordError(options.hasHeader ? 'header' : 'first record')
  return chooseHeader(candidates, options, {
    names: expectedFields(plan),
    isLenient: plan.ignoreExtra || plan.takesRest,
  })
}
