import 'server-only'
import { Readable } from 'node:stream'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { AppError } from '@/lib/errors'
import { formatDuration } from '@/lib/format/duration'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { CSV_DELIMITERS } from '@/lib/ingest/csv-records'
import type { ExpectedNames } from '@/server/ingest/csv/csv-header'
import type { LaterPart } from '@/server/ingest/stage-request'
import { type Terminal, UsageError } from '../../verb'
import type { CommitEvery } from './commit-every'
import { PeekedPipe } from './peeked-pipe'
import { findPipedHeader } from './piped-header'
import { isCompressed, pipedCsv, pipedLines, type PipedRecords } from './piped-records'
import { TimedParts } from './timed-parts'

/** The largest part of a pipe that the user wants to have divided. */
const MAX_PART_BYTES = 1024 * 1024 * 1024
/** As many bytes tell whether a text is compressed. */
const MAGIC_BYTES = 4

/** Loads one part, with the options of CSV of all parts; `later` is null for the first one. */
export type LoadPart = (part: Terminal, options: { csv: CsvOptions | null; later: LaterPart | null }) => Promise<number>

type PipedLoad = {
  format: InputFormat
  csv: CsvOptions | null
  /** The names that the header may have. Called for CSV whose delimiter is not known. */
  findNames: () => Promise<ExpectedNames>
}

/**
 * Loads what comes through a pipe in parts, one after the other. While one is loaded, the pipe waits. Compressed bytes are
 * one part.
 *
 * @throws {UsageError} without a pipe; {AppError} invalid-request for compressed bytes that the user wants to have divided;
 *   what reading the records, and loading a part, throws
 */
export async function loadParts(
  { format, csv, findNames }: PipedLoad,
  { everyMs, isGiven, maxUploadBytes }: CommitEvery & { maxUploadBytes: number },
  { terminal, load }: { terminal: Terminal; load: LoadPart },
): Promise<number> {
  const { pipe, signal } = terminal
  if (pipe == null) throw new UsageError('- reads standard input, which is a terminal: pipe a file into the command')
  const stop = () => pipe.destroy()
  signal.addEventListener('abort', stop, { once: true })
  let loadCount = 0
  try {
    const peeked = new PeekedPipe(pipe)
    const loadPart = (bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, { csv: options, fieldCount }: Divided) =>
      load(
        { ...terminal, pipe: Readable.from(bytes, { objectMode: false }) },
        { csv: options, later: loadCount === 0 ? null : { fieldCount } },
      )
    if ((await peeked.peek(findCompression)) === true) {
      if (isGiven) throw compressedError()
      return await loadPart(peeked.read(), { csv, fieldCount: null })
    }
    const dividedCsv = format === 'csv' ? await divideCsv(peeked, csv ?? CSV_DEFAULTS, findNames) : null
    const divided = dividedCsv ?? { csv, fieldCount: null }
    const records: PipedRecords =
      dividedCsv === null ? pipedLines(peeked.read()) : pipedCsv(peeked.read(), dividedCsv.csv)
    const maxBytes = isGiven ? Math.min(maxUploadBytes, MAX_PART_BYTES) : maxUploadBytes
    const parts = new TimedParts(records, { everyMs, maxBytes })
    for (let part = await parts.next(); part !== null; part = await parts.next()) {
      if (loadCount === 1 && !isGiven)
        terminal.printMessage(
          `What comes through a pipe is committed every ${formatDuration(everyMs)}. For one snapshot of all rows, give --commit-every end.`,
        )
      await loadPart(part, divided)
      loadCount += 1
    }
    signal.throwIfAborted()
    if (loadCount > 0) return 0
    // The load says what is missing in a text without rows.
    if (!isGiven) return await loadPart([records.head()], divided)
    terminal.printMessage('Nothing came through the pipe, so nothing was loaded.')
    return 0
  } catch (error) {
    if (loadCount > 0)
      terminal.printMessage(
        `${loadCount === 1 ? 'One load' : `${loadCount} loads`} of the pipe committed before. What came after was not loaded.`,
      )
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    // A program that still writes would keep this one alive.
    pipe.destroy()
  }
}

async function findCompression(beginning: Uint8Array, isWhole: boolean): Promise<boolean | null> {
  return isWhole || beginning.length >= MAGIC_BYTES ? isCompressed(beginning) : null
}

function compressedError(): AppError {
  return new AppError(
    'invalid-request',
    'Compressed bytes cannot be divided between records: decompress them before the pipe, as with zstd -dc.',
  )
}

/** The parts of a pipe have it in common; null for other formats than CSV. */
type Divided = { csv: CsvOptions | null; fieldCount: number | null }

/** All parts have the delimiter, and without a header the fields, of the first record: their own could suggest others. */
async function divideCsv(
  pipe: PeekedPipe,
  csv: CsvOptions,
  findNames: PipedLoad['findNames'],
): Promise<{ csv: CsvOptions & { delimiter: string }; fieldCount: number | null }> {
  const { delimiter, hasHeader } = csv
  if (delimiter !== null && hasHeader) return { csv: { ...csv, delimiter }, fieldCount: null }
  // Without a record there is nothing to divide; the load says what is missing.
  const found = await findPipedHeader(pipe, csv, await findNames())
  return {
    csv: { ...csv, delimiter: delimiter ?? found?.delimiter ?? CSV_DELIMITERS[0] },
    fieldCount: hasHeader ? null : (found?.names.length ?? null),
  }
}
