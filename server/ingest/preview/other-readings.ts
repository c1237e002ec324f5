import 'server-only'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { OtherReading } from '@/lib/contract/loads/loads'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { findOtherEncoding } from '@/lib/ingest/text-encoding'
import { inOnePiece } from '@/lib/in-one-piece'
import { readFirstRecords } from '../csv/csv-header'

const SPACE = new Set([0x09, 0x0a, 0x0d, 0x20])
const [OPEN_OBJECT, OPEN_ARRAY] = [0x7b, 0x5b]

/**
 * Other ways in which a text could be meant, where its beginning speaks for them: the second best delimiter of a header,
 * another encoding, JSON in place of CSV.
 *
 * @param bytes its beginning, decompressed
 * @param found the delimiter by which the first rows were read
 */
export async function findOtherReadings(
  bytes: Uint8Array,
  { format, csv = CSV_DEFAULTS, found }: { format: InputFormat; csv: CsvOptions | undefined; found: string | null },
): Promise<OtherReading[]> {
  const other = findFormat(bytes, format)
  if (other !== null) return [{ kind: 'format', format: other }]
  if (format !== 'csv') return []
  const encoding = findOtherEncoding(bytes, csv)
  const encodings: OtherReading[] = encoding === null ? [] : [{ kind: 'encoding', encoding }]
  if (csv.delimiter !== null || found === null) return encodings
  const second = await findSecondDelimiter(bytes, csv, found)
  return second === null ? encodings : [...encodings, { kind: 'delimiter', ...second }]
}

function findFormat(bytes: Uint8Array, format: InputFormat): InputFormat | null {
  const first = bytes.find((byte) => !SPACE.has(byte))
  if (first === OPEN_OBJECT && format === 'csv') return 'ndjson'
  return first === OPEN_ARRAY && (format === 'csv' || format === 'ndjson') ? 'json' : null
}

/** The delimiter with which the first record has the most fields, apart from the one that was found. */
async function findSecondDelimiter(
  bytes: Uint8Array,
  csv: CsvOptions,
  found: string,
): Promise<{ delimiter: string; fieldCount: number } | null> {
  const records = await readFirstRecords(() => inOnePiece(bytes), { ...csv, isTruncated: true })
  const others = records.flatMap(({ record, delimiter }) =>
    delimiter !== found && 'fields' in record && record.fields.length > 1
      ? [{ delimiter, fieldCount: record.fields.length }]
      : [],
  )
  return others.toSorted((a, b) => b.fieldCount - a.fieldCount)[0] ?? null
}
