import 'server-only'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { type Terminal, UsageError } from '../verb'
import type { FoundInput } from './input-files'
import { pipedCsv, pipedLines, type PipedRecords } from './piped-records'
import { type PartLimits, TimedParts } from './timed-parts'

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const
const MAX_EVERY_MS = 24 * UNITS_MS.h

/** @throws {UsageError} */
export function parseCommitEvery(text: string | undefined): number | null {
  if (text === undefined) return null
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? []
  const everyMs = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
  if (!(everyMs <= MAX_EVERY_MS)) throw new UsageError('--commit-every is a time such as 30s, 5m or 1h, up to 24h')
  return everyMs
}

type TimedLoad = {
  found: readonly FoundInput[]
  format: InputFormat
  csv: CsvOptions | null
  landing: LoadLanding | null
  /** Flags that are given, and do not go with `--commit-every`. */
  refusedFlags: readonly string[]
}

/** The options of CSV of each part: its own records could suggest another delimiter than the header. */
export function timedCsv({ format, csv }: Pick<TimedLoad, 'format' | 'csv'>): CsvOptions | null {
  return format === 'csv' ? withDelimiter(csv) : csv
}

/**
 * @throws {UsageError} for anything but texts of CSV or NDJSON that come through a pipe alone and are added to the table
 */
export function requireTimedLoad({ found, format, csv, landing, refusedFlags }: TimedLoad): void {
  const [refused] = refusedFlags
  if (refused !== undefined) throw new UsageError(`--commit-every does not go with ${refused}`)
  if (found.length !== 1 || !found.every((input) => 'isPipe' in input))
    throw new UsageError('--commit-every is for a pipe: give - as the only file')
  if (format !== 'csv' && format !== 'ndjson')
    throw new UsageError(`--commit-every divides CSV, TSV and NDJSON between records, and not ${format}`)
  if (csv !== null && csv.encoding !== 'utf-8') throw new UsageError('--commit-every reads UTF-8')
  const { operation = 'append' } = landing ?? {}
  if (operation !== 'append' && operation !== 'upsert')
    throw new UsageError(
      `--commit-every does not go with --operation ${operation}: each part would replace the one before`,
    )
}

/**
 * Loads what comes through a pipe in parts, one after the other. While one is loaded, the pipe waits.
 *
 * @param load loads one part
 */
export async function commitByTime(
  { format, csv }: Pick<TimedLoad, 'format' | 'csv'>,
  limits: PartLimits,
  { terminal, load }: { terminal: Terminal; load: (part: Terminal, isFirst: boolean) => Promise<number> },
): Promise<number> {
  const { pipe, signal } = terminal
  if (pipe == null) throw new UsageError('- reads standard input, which is a terminal: pipe a file into the command')
  const stop = () => pipe.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const records: PipedRecords = format === 'csv' ? pipedCsv(pipe, withDelimiter(csv)) : pipedLines(pipe)
  const parts = new TimedParts(records, limits)
  let loadCount = 0
  try {
    for (;;) {
      const part = await parts.next()
      if (part === null) break
      await load({ ...terminal, pipe: part }, loadCount === 0)
      loadCount += 1
    }
    signal.throwIfAborted()
  } catch (error) {
    terminal.printMessage(
      `${loadCount === 1 ? 'One load' : `${loadCount} loads`} of the pipe committed before. What came after was not loaded.`,
    )
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (loadCount === 0) terminal.printMessage('Nothing came through the pipe, so nothing was loaded.')
  return 0
}

function withDelimiter(csv: CsvOptions | null): CsvOptions & { delimiter: string } {
  const options = csv ?? CSV_DEFAULTS
  return { ...options, delimiter: options.delimiter ?? ',' }
}
