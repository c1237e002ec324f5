import type { CsvOptions } from '../csv-options'
import { divideCsvRecords } from '../csv-records'
import { toUtf8 } from '../text-encoding'
import { inOnePiece } from '@/lib/in-one-piece'
import { cutCsvRecords, cutLines } from './spread-sample'

/** Whole records of a file in UTF-8, from which byte on, and how many bytes of the file they are. */
export type CutPart = { records: Uint8Array; inputBytes: number; byte: number }

/** Takes whole records from bytes of a file. */
export type RecordCut = {
  /** From the beginning of the file, with its header; all of a file that is whole. */
  first(bytes: Uint8Array, isWhole?: boolean): Promise<CutPart>
  /** From anywhere behind it. */
  block(bytes: Uint8Array, byte: number): Promise<CutPart>
  /** How many bytes a character has at least: blocks begin at a multiple of it. */
  unitBytes: number
}

/** Records that are lines, as those of NDJSON. */
export const LINE_CUT: RecordCut = {
  unitBytes: 1,
  first: (bytes, isWhole = false) =>
    Promise.resolve(toPart(isWhole ? bytes : bytes.subarray(0, bytes.lastIndexOf(LF) + 1), 0)),
  block: (bytes, byte) => Promise.resolve(toPart(cutLines(bytes), byte)),
}

/** Records of CSV in any encoding. */
export function createCsvCut({
  csv,
  delimiter,
  fieldCount,
}: {
  csv: CsvOptions
  delimiter: string
  fieldCount: number
}): RecordCut {
  const { encoding, quote, nullText, skippedLines } = csv
  const toPartOf = (bytes: Uint8Array, decoded: Uint8Array, records: Uint8Array, byte: number) => ({
    ...toPart(records, byte),
    inputBytes: decoded.length === 0 ? 0 : Math.round((records.length * bytes.length) / decoded.length),
  })
  return {
    unitBytes: encoding.startsWith('utf-16') ? 2 : 1,
    async first(bytes, isWhole = false) {
      const decoded = await decodeBeginning(bytes, encoding, !isWhole)
      let records: Uint8Array = new Uint8Array()
      const options = { delimiter, quote, nullText, skippedLines, isTruncated: !isWhole, isAlone: () => false }
      // Skipped lines are before the records, and are skipped in the copy, too.
      for await (const block of divideCsvRecords(inOnePiece(decoded), options))
        records = decoded.subarray(0, block.byteOffset - decoded.byteOffset + block.length)
      return toPartOf(bytes, decoded, records, 0)
    },
    async block(bytes, byte) {
      const decoded = encoding === 'utf-8' ? bytes : new TextEncoder().encode(new TextDecoder(encoding).decode(bytes))
      const records = await cutCsvRecords(decoded, { syntax: { delimiter, quote, nullText }, fieldCount })
      return toPartOf(bytes, decoded, records, byte)
    },
  }
}

function toPart(records: Uint8Array, byte: number): CutPart {
  return { records, inputBytes: records.length, byte }
}

async function decodeBeginning(
  bytes: Uint8Array,
  encoding: CsvOptions['encoding'],
  isTruncated: boolean,
): Promise<Uint8Array> {
  if (encoding === 'utf-8') return bytes
  const chunks: Uint8Array[] = []
  for await (const chunk of toUtf8(inOnePiece(bytes), encoding, isTruncated)) chunks.push(chunk)
  const decoded = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const chunk of chunks) {
    decoded.set(chunk, at)
    at += chunk.length
  }
  return decoded
}

const LF = 0x0a
