import { isOfDisabledUser, needsSession, type PageUpload } from '@/lib/client/uploads/page-upload'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import type { LandingProblem } from '../landing/landing-problem'
import { listNames } from '../load-state'
import type { MappingLine } from '../mapping/mapping-lines'

export const STEP_TITLES = ['Files', 'Format', 'Columns', 'Landing'] as const

/** A sentence for each step with something to decide; null for the others. */
export type OpenSteps = readonly [
  files: string | null,
  format: string | null,
  columns: string | null,
  landing: string | null,
]

type DecidedSoFar = {
  files: readonly Pick<PageUpload, 'fileName' | 'state' | 'failure'>[]
  hasFiles: boolean
  /** Undefined while no file can be previewed. */
  preview: Pick<LoadPreview, 'rowsRead' | 'rowsRejected' | 'isTruncated'> | undefined
  /** Whether the first rows cannot be read, and the load could not read them either. */
  isUnreadable: boolean
  questions: readonly CsvQuestion[]
  lines: readonly MappingLine[]
  landingProblem: LandingProblem | null
}

/** Says for each step of a load if something is left to decide. */
export function openSteps(load: DecidedSoFar): OpenSteps {
  return [openFiles(load), openFormat(load), openColumns(load.lines), load.landingProblem?.sentence ?? null]
}

function openFiles({ files, hasFiles }: DecidedSoFar): string | null {
  if (!hasFiles) return 'Add the files to load.'
  const failed = files.find(({ state }) => state === 'failed')
  if (failed) return `${failed.fileName} was not uploaded.`
  const paused = files.find(needsSession)
  if (!paused) return null
  return isOfDisabledUser(paused.failure)
    ? 'Your user was disabled: uploads wait until an admin enables it.'
    : 'Sign in again: uploads wait for it.'
}

function openFormat({ preview, isUnreadable, questions }: DecidedSoFar): string | null {
  if (isUnreadable) return 'The first rows cannot be read.'
  if (questions.length > 0) return 'The file can be read in more than one way.'
  if (!preview || preview.rowsRejected === 0) return null
  const read = `${preview.isTruncated ? 'the first ' : ''}${formatQuantity(preview.rowsRead, 'row')}`
  return `${formatCount(preview.rowsRejected)} of ${read} ${preview.rowsRejected === 1 ? 'does' : 'do'} not fit.`
}

function openColumns(lines: readonly MappingLine[]): string | null {
  const open = lines.filter(needsDecision)
  const computed = open.find(
    (line) => line.kind === 'column' && line.source !== null && 'sql' in line.source && line.column.problem,
  )
  if (computed?.column) return `The expression for ${computed.column.name} is wrong.`
  const fields = open.flatMap((line) => (line.kind === 'field' && line.state === 'unmapped' ? [line.field] : []))
  if (fields.length > 0) return `Choose a column for ${listNames(fields)}.`
  const missing = open.flatMap((line) => (line.kind === 'column' && line.isMissing ? [line.column.name] : []))
  if (missing.length > 0) return `The table requires values for ${listNames(missing)}.`
  const columns = open.flatMap(({ column }) => (column === null ? [] : [column]))
  const wrong = columns.find(({ problem }) => problem !== null)
  if (wrong) return `${wrong.name} cannot be filled.`
  return columns.length === 0 ? null : `Values for ${listNames(columns.map(({ name }) => name))} do not fit.`
}

/** Whether the line has no column or no value, or one that does not fit. */
export function needsDecision(line: MappingLine): boolean {
  const isUnfilled = line.kind === 'field' ? line.state === 'unmapped' : line.isMissing
  return isUnfilled || (line.column !== null && (line.column.problem !== null || line.column.rejectedCount > 0))
}
