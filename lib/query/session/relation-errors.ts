import { joinSentences } from '@/lib/format/sentence'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { METADATA_TABLE_NAMES } from '@/lib/iceberg/metadata/metadata-table-names'
import type { SqlRange } from '@/lib/query/statement/sql-error'
import { sqlName } from '@/lib/query/tables/table-name'
import { type NamedReference, relationLabel } from './relation-name'

export function isForbidden(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'forbidden'
}

/** Whether there is no table of that name; a table without the named ref, snapshot or time exists. */
export function isNoSuchTable(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'not-found') return false
  return !['refName', 'snapshotId', 'atMs'].some((fact) => Object.hasOwn(error.facts, fact))
}

/** The error for a missing table, with the names of metadata tables for a name such as `flights$nope`. */
export function missingMetadataTableError(
  missing: AppError,
  { identifier: { namespace, table } }: NamedReference,
): AppError {
  const dollar = table.lastIndexOf('$')
  if (dollar <= 0) return missing
  const message = `There is no metadata table ${table.slice(dollar + 1)} of ${sqlName([...namespace, table.slice(0, dollar)])}.`
  return withFacts(missing, message, { ...missing.facts, hint: `Available: ${METADATA_TABLE_NAMES.join(', ')}.` })
}

/** @param missingName the column or field that the SQL names and no engine could find */
export type ViewRefusal = { dialect: string; reason: string; missingName?: string | null }

/**
 * Why no SQL of a view can run. SQL that is written for DuckDB, and that DuckDB refuses, is broken. If there is a single
 * refusal, its parts are facts.
 */
export function unreadableViewError(identifier: TableIdentifier, refusals: readonly ViewRefusal[]): AppError {
  const label = relationLabel(identifier)
  const only = refusals.length === 1 ? refusals[0] : undefined
  const parts = only && { refusal: only.reason, missingName: only.missingName ?? null }
  if (only?.dialect === 'duckdb')
    return new AppError('query-failed', joinSentences(`The view ${label} cannot be read.`, only.reason), {
      facts: { ...parts, hint: 'What it names may have been renamed or dropped since it was written. Edit the view.' },
    })
  const reasons = refusals.map(({ dialect, reason }) => `${dialect}: ${reason.replace(/[.!]$/, '')}`).join('; ')
  return new AppError(
    'not-supported',
    refusals.length === 0
      ? `The view ${label} has no SQL.`
      : `The view ${label} has no SQL that can run in DuckDB. ${reasons}.`,
    { facts: { ...parts, hint: 'Query the tables that it reads, or ask its owner to add SQL in the dialect duckdb.' } },
  )
}

/** Gives an error the position of the name in the text that it is about. */
export function rethrowAt(error: unknown, range: SqlRange): never {
  if (!(error instanceof AppError) || error.code === 'cancelled') throw error
  throw withFacts(error, error.message, { ...error.facts, ...range })
}

/** A failure beneath a view names the table, and has no position in the text as written. */
export function rethrowInView(error: unknown, { identifier }: NamedReference, path: readonly TableIdentifier[]): never {
  if (!(error instanceof AppError) || error.code === 'cancelled' || error.facts['view'] !== undefined) throw error
  const { start: _start, end: _end, ...facts } = error.facts
  const view = path.at(-1)
  const viewName = view ? relationLabel(view) : ''
  const message = `The view ${viewName} reads ${relationLabel(identifier)}: ${error.message}`
  throw withFacts(error, message, { ...facts, view: viewName })
}

/** The error with another message and other facts. */
export function withFacts(error: AppError, message: string, facts: AppError['facts']): AppError {
  const { code, requestId } = error
  return new AppError(code, message, { cause: error, facts: { ...facts }, ...(requestId !== null && { requestId }) })
}
