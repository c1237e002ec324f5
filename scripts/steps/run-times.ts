/** `processorMs` is null if it is not measured, as in tests of browsers. */
type MeasuredTime = { wallMs: number; processorMs: number | null }
export type FileTime = MeasuredTime & { file: string }
export type StepTime = MeasuredTime & { step: string }

const MAX_SHOWN_FILES = 20
/** A file that takes this many times longer than it computes is waiting for something. */
const WAITING_RATIO = 3
/** Starting a process or two is not a wait worth a line. */
const MIN_WAITING_MS = 1000

/** How long each step of a run took, its slowest test files, and those that wait for more than they compute. */
export function formatTimes(steps: readonly StepTime[], files: readonly FileTime[]): string {
  const slowest = files.toSorted((a, b) => b.wallMs - a.wallMs)
  const shown = slowest.slice(0, MAX_SHOWN_FILES)
  const waiting = slowest.filter(isWaiting)
  const waitingMs = waiting.reduce((sum, { wallMs, processorMs }) => sum + wallMs - (processorMs ?? 0), 0)
  return [
    ...formatTable(
      'step',
      steps.map(({ step, ...time }) => ({ ...time, name: step })),
    ),
    ...formatTable(`slowest of ${files.length} test files`, shown.map(toRow)),
    ...formatTable(
      `waiting (at least ${WAITING_RATIO} × the processor time): ${waiting.length} test files, ${toSeconds(waitingMs)} s`,
      waiting.slice(0, MAX_SHOWN_FILES).map(toRow),
    ),
  ].join('\n')
}

function isWaiting({ wallMs, processorMs }: FileTime): boolean {
  return processorMs !== null && wallMs >= MIN_WAITING_MS && wallMs >= WAITING_RATIO * processorMs
}

function toRow({ file, ...time }: FileTime): MeasuredTime & { name: string } {
  return { ...time, name: file }
}

function formatTable(title: string, rows: readonly (MeasuredTime & { name: string })[]): string[] {
  if (rows.length === 0) return []
  const lines = rows.map(({ wallMs, processorMs, name }) => {
    const processor = processorMs === null ? '–' : toSeconds(processorMs)
    return `${toSeconds(wallMs).padStart(8)} ${processor.padStart(9)}  ${name}`
  })
  return [`  wall s processor  ${title}`, ...lines, '']
}

function toSeconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
