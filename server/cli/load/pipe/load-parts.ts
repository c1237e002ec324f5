import 'server-only'
import { Readable } from 'node:stream'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { formatDuration } from '@/lib/format/duration'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import type { ExpectedNames } from '@/server/ingest/csv/csv-header'
import { type Terminal, UsageError } from '../../verb'
import type { CommitEvery } from './commit-every'
import { PeekedPipe } from './peeked-pipe'
import { findPipedDelimiter } from './piped-delimiter'
import { isCompressed, pipedCsv, pipedLines, type PipedRecords } from './piped-records'
import { TimedParts } from './timed-parts'

/** The largest part of a pipe that the user wants to have divided. */
const MAX_PART_BYTES = 1024 * 1024 * 1024
/** As many bytes tell whether a text is compressed. */
const MAGIC_BYTES = 4

/** Loads one part, with the options of CSV of all parts. */
export type LoadPart = (part: Terminal, options: { csv: CsvOptions | null; isFirst: boolean }) => Promise<number>

type PipedLoad = {
  format: InputFormat
  csv: CsvOptions | null
  /** The names that the header may have. Called for CSV whose delimiter is not known. */
  findNames: () => Promise<ExpectedNames>
}

/**
 * Loads what comes through a pipe in parts, one after the other. While one is loaded, the pipe waits. Compressed bytes are
 * one part, unless the user wants more.
 *
 * @throws {UsageError} without a pipe; what reading the records, and loading a part, throws
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
    const loadPart = (bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: CsvOptions | null) =>
      load(
        { ...terminal, pipe: Readable.from(bytes, { objectMode: false }) },
        { csv: options, isFirst: loadCount === 0 },
      )
    if (!isGiven && (await peeked.peek(findCompression)) === true) return await loadPart(peeked.read(), csv)
    const divided = format === 'csv' ? await withDelimiter(peeked, csv ?? CSV_DEFAULTS, findNames) : null
    const records: PipedRecords = divided === null ? pipedLines(peeked.read()) : pipedCsv(peeked.read(), divided)
    const maxBytes = isGiven ? Math.min(maxUploadBytes, MAX_PART_BYTES) : maxUploadBytes
    const parts = new TimedParts(records, { everyMs, maxBytes })
    for (let part = await parts.next(); part !== null; part = await parts.next()) {
      if (loadCount === 1 && !isGiven)
        terminal.printMessage(
          `What comes through a pipe is committed every ${formatDuration(everyMs)}. For one snapshot of all rows, give --commit-every end.`,
        )
      await loadPart(part, divided ?? csv)
      loadCount += 1
    }
    signal.throwIfAborted()
    if (loadCount > 0) return 0
    // The load says what is missing in a text without rows.
    if (!isGiven) return await loadPart([records.head()], divided ?? csv)
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
  }
}

async function findCompression(beginning: Uint8Array, isWhole: boolean): Promise<boolean | null> {
  return isWhole || beginning.length >= MAGIC_BYTES ? isCompressed(beginning) : null
}

/** All parts have the delimiter of the first record: their own could suggest another one. */
async function withDelimiter(
  pipe: PeekedPipe,
  csv: CsvOptions,
  findNames: PipedLoad['findNames'],
): Promise<CsvOptions & { delimiter: string }> {
  return { ...csv, delimiter: csv.delimiter ?? (await findPipedDelimiter(pipe, csv, await findNames())) }
}
