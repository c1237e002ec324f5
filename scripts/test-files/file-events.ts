import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Failure, toFailure } from '../steps/failure.ts'
import { type FileRun, fileLabel } from './file-run.ts'

/**
 * An event that a runner of tests reports while it runs, as a line of JSON. A runner that crashes or is killed has still
 * reported which files it planned, started and ended.
 */
type FileEvent =
  | { kind: 'planned'; files: readonly FileName[] }
  | ({ kind: 'started' } & FileName)
  | ({ kind: 'ended' } & EndedFile)
  /** Some test ended: the runner does not hang. */
  | { kind: 'progress' }
  /** The runner ended. The problems belong to no file. */
  | { kind: 'complete'; problems: readonly string[] }

type FileName = Pick<FileRun, 'file' | 'project'>
export type EndedFile = Omit<FileRun, 'state'>

/** The reports of a step; null if the runner wrote none. */
export type FileReports = { files: readonly FileRun[]; problems: readonly Failure[]; isComplete: boolean }

/** Events of progress are at least this far apart. */
const PROGRESS_INTERVAL_MS = 1000
/** The environment variable that names the file of the events. */
export const EVENTS_VARIABLE = 'LAKESHORE_FILE_EVENTS'

/** Writes the events of a runner into the file that `LAKESHORE_FILE_EVENTS` names. */
export class FileEventLog {
  readonly #file: string
  #progressAtMs = 0

  constructor() {
    const file = process.env[EVENTS_VARIABLE]
    if (file === undefined) throw new Error(`${EVENTS_VARIABLE} names no file.`)
    this.#file = file
  }

  write(event: FileEvent): void {
    appendFileSync(this.#file, `${JSON.stringify(event)}\n`)
  }

  writeProgress(): void {
    const nowMs = performance.now()
    if (nowMs - this.#progressAtMs < PROGRESS_INTERVAL_MS) return
    this.#progressAtMs = nowMs
    this.write({ kind: 'progress' })
  }
}

/** The path by which reports name a test file. */
export function relativeFile(file: string): string {
  return path.relative('.', file).replaceAll(path.sep, '/')
}

/**
 * Reads what became of each planned file.
 *
 * @returns null when the file does not exist or names no test file and no end
 */
export function readFileReports(eventsFile: string): FileReports | null {
  const events = existsSync(eventsFile) ? parseEvents(readFileSync(eventsFile, 'utf8')) : []
  const runs = new Map<string, FileRun>()
  const problems: Failure[] = []
  let isComplete = false
  for (const event of events) {
    if (event.kind === 'planned') for (const file of event.files) runs.set(fileLabel(file), toNotRun(file))
    if (event.kind === 'started') runs.set(fileLabel(event), toUnfinished(event))
    if (event.kind === 'ended') {
      const { kind: _, ...ended } = event
      runs.set(fileLabel(event), { ...ended, state: 'ended' })
    }
    if (event.kind === 'complete') {
      isComplete = true
      problems.push(...event.problems.map((problem) => toFailure(problem.split('\n', 1)[0] ?? '', problem)))
    }
  }
  return runs.size === 0 && !isComplete ? null : { files: [...runs.values()], problems, isComplete }
}

/** A killed runner may have written half of its last line. */
function parseEvents(text: string): FileEvent[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FileEvent)
}

function toNotRun(file: FileName): FileRun {
  return withoutEnd(file, 'not run', 'did not run')
}

function toUnfinished(file: FileName): FileRun {
  return withoutEnd(file, 'unfinished', 'started and did not end: its process crashed, hung or was killed')
}

function withoutEnd({ file, project }: FileName, state: 'not run' | 'unfinished', reason: string): FileRun {
  const failures = [{ name: file, reason }]
  return { file, project, state, passed: 0, failures, wallMs: 0, processorMs: null }
}
