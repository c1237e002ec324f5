import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Failure, toFailure } from '../steps/failure.ts'
import type { FlakyFile } from './rerun-failed.ts'

/** A test file that was seen to fail and then pass; the entry is removed with the mend of its cause. */
export type FlakyEntry = {
  file: string
  /** The day on which it was first seen (UTC). */
  date: string
  /** Its first failure. */
  failure: string
  /** Null until it is known. */
  cause: string | null
}

const FLAKY_FILE = 'testing/flaky.json'
/** A flaky file has to be mended within this time. */
const MAX_AGE_DAYS = 14
const DAY_MS = 86_400_000

export function readFlakyEntries(): FlakyEntry[] {
  return existsSync(FLAKY_FILE) ? (JSON.parse(readFileSync(FLAKY_FILE, 'utf8')) as FlakyEntry[]) : []
}

/** Enters files that are not listed yet. */
export function recordFlakyFiles(flaky: readonly FlakyFile[]): void {
  const entries = readFlakyEntries()
  const after = addFlakyFiles(entries, flaky, Date.now())
  if (after.length > entries.length) writeFileSync(FLAKY_FILE, `${JSON.stringify(after, null, 2)}\n`)
}

/** A listed file keeps its entry, so that its age counts from the first time. */
export function addFlakyFiles(
  entries: readonly FlakyEntry[],
  flaky: readonly FlakyFile[],
  nowMs: number,
): readonly FlakyEntry[] {
  const listed = new Set(entries.map(({ file }) => file))
  const date = new Date(nowMs).toISOString().slice(0, 10)
  const added = flaky
    .filter(({ file }) => !listed.has(file.file))
    .map(({ file, failure: { name, reason } }) => ({
      file: file.file,
      date,
      failure: `${name}\n${reason}`,
      cause: null,
    }))
  return [...entries, ...added]
}

/** The entries that are more than 14 days older than the tested commit. */
export function listOverdue(entries: readonly FlakyEntry[], commitAtMs: number): Failure[] {
  return entries
    .filter(({ date }) => commitAtMs - Date.parse(date) > MAX_AGE_DAYS * DAY_MS)
    .map(({ file, date, cause }) =>
      toFailure(
        `${file} has been flaky since ${date}`,
        [
          `Mend its cause, and remove its entry from ${FLAKY_FILE}: it is older than ${MAX_AGE_DAYS} days.`,
          cause ?? 'The cause is not known yet.',
        ].join('\n'),
      ),
    )
}
