import 'server-only'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { UsageError } from '../../verb'
import type { FoundInput } from '../input-files'

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const
const MAX_EVERY_MS = 24 * UNITS_MS.h
const DEFAULT_EVERY_MS = 5 * UNITS_MS.m
const AT_END = 'end'

/** How often the rows of a pipe are committed. */
export type CommitEvery = {
  everyMs: number
  /** Whether the user gave it. A pipe that cannot be divided is otherwise one snapshot. */
  isGiven: boolean
}

export type TimedLoad = {
  found: readonly FoundInput[]
  format: InputFormat
  csv: CsvOptions | null
  landing: LoadLanding | null
  /** Flags that are given, and do not go with `--commit-every`. */
  refusedFlags: readonly string[]
}

/**
 * Null for a load that is one snapshot: what is not a pipe, or cannot be divided, and `--commit-every end`.
 *
 * @param text of `--commit-every`
 * @throws {UsageError} for a time, and a load that cannot be divided
 */
export function chooseCommitEvery(text: string | undefined, load: TimedLoad): CommitEvery | null {
  if (text === AT_END) return null
  const problem = findProblem(load)
  if (text === undefined) return problem === null ? { everyMs: DEFAULT_EVERY_MS, isGiven: false } : null
  const everyMs = parseTime(text)
  if (problem !== null) throw new UsageError(problem)
  return { everyMs, isGiven: true }
}

function parseTime(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? []
  const everyMs = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
  if (!(everyMs <= MAX_EVERY_MS))
    throw new UsageError('--commit-every is a time such as 30s, 5m or 1h, up to 24h, or end')
  return everyMs
}

/** Only texts of CSV or NDJSON that come through a pipe alone, and are added to the table, can be divided. */
function findProblem({ found, format, csv, landing, refusedFlags }: TimedLoad): string | null {
  const [refused] = refusedFlags
  if (refused !== undefined) return `--commit-every does not go with ${refused}`
  if (found.length !== 1 || !found.every((input) => 'isPipe' in input))
    return '--commit-every is for a pipe: give - as the only file'
  if (format !== 'csv' && format !== 'ndjson')
    return `--commit-every divides CSV, TSV and NDJSON between records, and not ${format}`
  if (csv !== null && csv.encoding !== 'utf-8') return '--commit-every reads UTF-8'
  const { operation = 'append' } = landing ?? {}
  return operation === 'append' || operation === 'upsert'
    ? null
    : `--commit-every does not go with --operation ${operation}: each part would replace the one before`
}
