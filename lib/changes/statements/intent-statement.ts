import type { TableDraft } from '../edits/table-draft'

/** The statements of other engines for an intent. */

export const STATEMENT_ENGINES = ['spark', 'trino', 'pyiceberg'] as const
export type StatementEngine = (typeof STATEMENT_ENGINES)[number]

/** Why an engine cannot do it, as a sentence for people. */
export type Missing = { reason: string }

/** Statements in the order in which they run, without semicolons. Each of them is one commit. */
export type SqlStatements = readonly string[] | Missing

/** Lines of a PyIceberg script, and the update of the table that they belong to. */
export type PythonSteps = readonly PythonStep[] | Missing

export type PythonStep = {
  /** Branches and tags change in a commit of their own, and so do expiries; all others are in one transaction. */
  update: 'schema' | 'spec' | 'sort-order' | 'transaction' | 'refs' | 'expiry'
  lines: readonly string[]
  imports?: readonly PythonImport[]
}
export type PythonImport = 'types' | 'transforms' | 'NullOrder'

/** A table as an engine names it. */
export type SparkTable = {
  /** As a statement names it. */
  name: string
  /** The catalog of its procedures. */
  catalog: string
  /** Namespace and name, as text of an argument of a procedure. */
  argument: string
}

/** Each gets the draft as it is before the intent, with the names that earlier intents of the commit gave. */
export type IntentStatements<Intent> = {
  spark: (draft: TableDraft, intent: Intent, table: SparkTable) => SqlStatements
  trino: (draft: TableDraft, intent: Intent, table: string) => SqlStatements
  pyiceberg: (draft: TableDraft, intent: Intent) => PythonSteps
}

export function isMissing(result: SqlStatements | PythonSteps | string | Missing): result is Missing {
  return typeof result === 'object' && 'reason' in result
}

/** The parts of a text, of which an engine may not have every one. */
export function joinParts(
  parts: readonly (string | Missing)[],
  join: (parts: readonly string[]) => string,
): string | Missing {
  return parts.find((part) => typeof part !== 'string') ?? join(parts.filter((part) => typeof part === 'string'))
}
