import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Repetitions of tests, which add up over days: what was repeated, and every failure. */
export type HuntRecord = { runs: readonly HuntRun[]; failures: readonly HuntFailure[] }

/** One repetition of a group of tests (`server`) or of one test file. */
export type HuntRun = {
  tests: string
  commit: string
  /** ISO 8601, UTC. */
  at: string
  /** Whether two busy processes ran next to it. */
  isLoaded: boolean
}

export type HuntFailure = Omit<HuntRun, 'tests'> & { file: string; seed: number; name: string }

/** Repetitions that passed since the last failure. */
export type HuntCount = { idle: number; loaded: number }

const HUNT_FILE = 'testing/hunt.json'

export function readHuntRecord(): HuntRecord {
  return existsSync(HUNT_FILE)
    ? (JSON.parse(readFileSync(HUNT_FILE, 'utf8')) as HuntRecord)
    : { runs: [], failures: [] }
}

/** A line for each run and failure, so that two branches seldom change the same line. */
export function writeHuntRecord({ runs, failures }: HuntRecord): void {
  const list = (entries: readonly object[]) => entries.map((entry) => `\n  ${JSON.stringify(entry)}`).join(',')
  writeFileSync(HUNT_FILE, `{"runs": [${list(runs)}\n],\n"failures": [${list(failures)}\n]}\n`)
}

/**
 * How often the tests of a group passed since the commits on which they failed: a mended cause makes only its own file
 * begin again.
 *
 * @returns the count of the group, as far as no file of it failed, and of each file that did
 */
export function countHunt(
  { runs, failures }: HuntRecord,
  group: string,
): { group: HuntCount; files: Map<string, HuntCount> } {
  const ofGroup = runs.filter(({ tests }) => tests === group)
  const groupAt = new Set(ofGroup.map(({ at }) => at))
  const files = new Map<string, HuntCount>()
  for (const file of new Set(failures.filter(({ at }) => groupAt.has(at)).map((failure) => failure.file))) {
    const last = failures.filter((failure) => failure.file === file).at(-1)
    const since = runs.filter(
      ({ tests, commit, at }) =>
        (tests === group || tests === file) && last !== undefined && at > last.at && commit !== last.commit,
    )
    files.set(file, count(since))
  }
  return { group: count(ofGroup), files }
}

function count(runs: readonly HuntRun[]): HuntCount {
  const loaded = runs.filter(({ isLoaded }) => isLoaded).length
  return { idle: runs.length - loaded, loaded }
}
