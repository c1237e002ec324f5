import { createBrowserPageCodecs } from '@/lib/client/codecs/browser-page-codecs'
import { readArrowRecords } from '@/lib/ingest/arrow/arrow-records'
import { readAvroRecords } from '@/lib/ingest/avro-records'
import { TypeSample } from '@/lib/ingest/infer-type'
import type { JsonToken } from '@/lib/ingest/json-tokens'
import { UnreadableSample, type UnreadableRows } from '@/lib/ingest/sample/unreadable-rows'
import type { ValueRecord } from '@/lib/ingest/value-reader'

/** The contents of the fields in the first rows of a file. */
export type FirstRecords = {
  samples: ReadonlyMap<string, TypeSample>
  rowCount: number
  /** Rows that a load rejects as a whole; null without any. */
  unreadable: UnreadableRows | null
  /** Whether the file has no other rows. */
  isWhole: boolean
}

type AddRow = (row: JsonToken, line: number) => void

const MAX_ROWS = 1_000
/** A file whose first block or batch of rows does not end here has no sample. */
const MAX_BYTES = 16 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024

/** Ends a reader that needs more bytes than are read for a sample. */
class EndOfSample extends Error {
  override readonly name = 'EndOfSample'
}

/**
 * @param ignoredFields those that no type of Iceberg holds
 * @param add called with each row, as JSON
 * @throws {AppError} as a load of the file would: file-damaged, not-supported, too-large
 */
export async function readFirstAvroRecords(
  file: File,
  ignoredFields: readonly string[],
  add?: AddRow,
): Promise<FirstRecords> {
  const { avro: codecs } = createBrowserPageCodecs()
  const options = { name: file.name, codecs, isTruncated: false, ignoredFields }
  return sampleRecords(readAvroRecords(beginningOf(file), options), add)
}

/** Parameters and errors are those of {@link readFirstAvroRecords}. */
export async function readFirstArrowRecords(
  file: File,
  ignoredFields: readonly string[],
  add?: AddRow,
): Promise<FirstRecords> {
  const pageCodecs = createBrowserPageCodecs()
  const codecs = { zstd: pageCodecs.zstd, load: async () => pageCodecs.load?.(new Set(['zstd'])) }
  const readEnd = (sizeBytes: number) => readFileEnd(file, sizeBytes)
  const options = { name: file.name, codecs, readEnd, ignoredFields }
  return sampleRecords(readArrowRecords(beginningOf(file), options), add)
}

/** Only what is read is taken from the disk: in `file.stream()` browsers read ahead. */
export async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < file.size; at += CHUNK_BYTES)
    yield new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer())
}

export async function readFileEnd(file: File, sizeBytes: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(Math.max(0, file.size - sizeBytes)).arrayBuffer())
}

async function* beginningOf(file: File): AsyncGenerator<Uint8Array, void> {
  yield* chunksOf(file.slice(0, MAX_BYTES))
  if (file.size > MAX_BYTES) throw new EndOfSample()
}

async function sampleRecords(
  batches: AsyncIterable<readonly ValueRecord[]>,
  add: AddRow = () => {},
): Promise<FirstRecords> {
  const all = new TypeSample()
  const unreadable = new UnreadableSample()
  let rowCount = 0
  const toSample = (isWhole: boolean) => ({
    samples: all.members,
    rowCount,
    unreadable: unreadable.finish(rowCount),
    isWhole,
  })
  try {
    for await (const records of batches)
      for (const { line, token, problem } of records) {
        if (rowCount + unreadable.count === MAX_ROWS) return toSample(false)
        if (problem !== null) {
          unreadable.add({ line: null, item: line }, problem)
          continue
        }
        all.addJson(token, line)
        add(token, line)
        rowCount += 1
      }
  } catch (error) {
    if (error instanceof EndOfSample) return toSample(false)
    throw error
  }
  return toSample(true)
}
