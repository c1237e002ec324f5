import 'server-only'
import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pMap from 'p-map'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { createCsvCut, type CutPart, LINE_CUT, type RecordCut } from '@/lib/ingest/sample/record-cut'
import { FIRST_BYTES, MAX_WHOLE_BYTES, spreadBlocks } from '@/lib/ingest/sample/spread-sample'
import { chooseHeader, readFirstRecords } from '../csv/csv-header'
import { copyBeginning } from './copy-beginning'
import type { PreviewedInput } from './previewed-input'
import { inOnePiece } from '@/lib/in-one-piece'
import { readTextBeginning } from './text-beginning'

/** How many blocks are read at a time: those of a store take a request each. */
const CONCURRENT_READS = 8

/** Records of a file, as a file of their own. */
export type SampleCopy = {
  path: string
  csv: CsvOptions
  /** Which part of the file they are from. */
  from: SampleOrigin
  /** How many bytes of the file they take, as it is stored: of a compressed file about. */
  inputBytes: number
  /** Where in the file the copy goes on, by lines of the copy, ascending. Lines before the first are those of the file. */
  jumps: readonly SampleJump[]
}
/** `aboutLine` is the line of the file, if its lines are as long everywhere as those of the copy. */
export type SampleJump = { line: number; byte: number; aboutLine: number }
export type SampleOrigin = 'whole' | 'beginning' | 'spread'

type Sampled = { format: InputFormat; csv: CsvOptions | undefined; columnNames: ReadonlySet<string> }
type CopyOptions = { folder: string; signal: AbortSignal }

/**
 * Copies records from all over a text file: its beginning, and blocks at equal distances. Of a compressed file, and of one
 * that can only be read from its beginning, the first 4 MiB; of a small file all.
 *
 * @throws {AppError} not-supported for a file of another format of more than 4 MiB; what reading the file throws
 */
export async function copySample(input: PreviewedInput, sampled: Sampled, options: CopyOptions): Promise<SampleCopy> {
  const { format, csv = CSV_DEFAULTS } = sampled
  const isDivided = format === 'csv' || format === 'ndjson'
  if (!isDivided && (input.sizeBytes ?? Infinity) > MAX_WHOLE_BYTES) throw notSampledError(input.name)
  const beginning = await copyBeginning(input, { ...options, format })
  const { size: copiedBytes } = await stat(beginning.path)
  if (!isDivided) return { path: beginning.path, csv, from: 'whole', inputBytes: copiedBytes, jumps: [] }
  const text = await readTextBeginning(beginning, { format, folder: options.folder })
  if (text.isWhole) return { path: beginning.path, csv, from: 'whole', inputBytes: copiedBytes, jumps: [] }
  const { cut, csv: copiedCsv } = await openCut(text.bytes, sampled)
  const isSpread = text.unpackedBytes === null && input.readRange !== undefined
  const first = await cut.first(isSpread ? text.bytes.subarray(0, FIRST_BYTES) : text.bytes)
  // The copy needs a header, and a record may be long.
  if (first.records.length === 0) throw notSampledError(input.name)
  const parts = [first, ...(isSpread ? await readBlocks(input, cut, options.signal) : [])]
  const file = path.join(options.folder, 'sample')
  await writeFile(file, Buffer.concat(parts.map(({ records }) => records)), { flag: 'wx', mode: 0o600 })
  const plainBytes = parts.reduce((bytes, part) => bytes + part.inputBytes, 0)
  return {
    path: file,
    csv: copiedCsv,
    from: isSpread ? 'spread' : 'beginning',
    inputBytes: text.unpackedBytes === null ? plainBytes : Math.round((plainBytes * copiedBytes) / text.unpackedBytes),
    jumps: toJumps(parts),
  }
}

async function openCut(
  beginning: Uint8Array,
  { format, csv = CSV_DEFAULTS, columnNames }: Sampled,
): Promise<{ cut: RecordCut; csv: CsvOptions }> {
  if (format !== 'csv') return { cut: LINE_CUT, csv }
  const candidates = await readFirstRecords(() => inOnePiece(beginning), { ...csv, isTruncated: true })
  const { names, delimiter } = chooseHeader(candidates, csv, { names: columnNames, isLenient: true })
  const cut = createCsvCut({ csv, delimiter, fieldCount: names.length })
  return { cut, csv: { ...csv, delimiter, encoding: 'utf-8' } }
}

const LF = 0x0a
const CR = 0x0d

/** Blocks of the bytes that are here, if the file is still being uploaded. */
async function readBlocks(input: PreviewedInput, cut: RecordCut, signal: AbortSignal): Promise<CutPart[]> {
  const { readRange, sizeBytes, receivedBytes } = input
  if (readRange === undefined) return []
  const blocks = spreadBlocks(receivedBytes ?? sizeBytes ?? 0)
  const read = async ({ start, end }: { start: number; end: number }) => {
    const from = start - (start % cut.unitBytes)
    return cut.block(await readRange({ start: from, end }, signal), from)
  }
  const parts = await pMap(blocks, read, { concurrency: CONCURRENT_READS, signal })
  return parts.filter(({ records }) => records.length > 0)
}

function toJumps([first, ...blocks]: readonly CutPart[]): SampleCopy['jumps'] {
  let line = 1 + countLineEnds(first?.records ?? new Uint8Array())
  let inputBytes = first?.inputBytes ?? 0
  const jumps = blocks.map((block) => {
    const jump = { line, byte: block.byte }
    line += countLineEnds(block.records)
    inputBytes += block.inputBytes
    return jump
  })
  const linesPerByte = (line - 1) / Math.max(1, inputBytes)
  return jumps.map((jump) => ({ ...jump, aboutLine: 1 + Math.round(jump.byte * linesPerByte) }))
}

/** As lines are counted by the readers: `\r\n` ends one. */
function countLineEnds(bytes: Uint8Array): number {
  let count = 0
  for (let at = 0; at < bytes.length; at += 1)
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count += 1
  return count
}

function notSampledError(name: string): AppError {
  const limit = formatBytes(MAX_WHOLE_BYTES)
  return new AppError(
    'not-supported',
    `${name} has no sample: above ${limit}, only CSV and NDJSON with records of less than 64 KiB have one.`,
  )
}
