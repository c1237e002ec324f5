import { addColumnStatements } from './add-column/statements'
import { addPartitionFieldStatements } from './add-partition-field/statements'
import { changeColumnTypeStatements } from './change-column-type/statements'
import { createRefStatements } from './create-ref/statements'
import { dropColumnStatements } from './drop-column/statements'
import { dropRefStatements } from './drop-ref/statements'
import { expireSnapshotsStatements } from './expire-snapshots/statements'
import { fastForwardStatements } from './fast-forward/statements'
import { makeColumnOptionalStatements } from './make-column-optional/statements'
import { moveColumnStatements } from './move-column/statements'
import { removePartitionFieldStatements } from './remove-partition-field/statements'
import { removePropertyStatements } from './remove-property/statements'
import { renameColumnStatements } from './rename-column/statements'
import { renamePartitionFieldStatements } from './rename-partition-field/statements'
import { renameRefStatements } from './rename-ref/statements'
import { replaceSortOrderStatements } from './replace-sort-order/statements'
import { rollBackStatements } from './roll-back/statements'
import { setColumnDocStatements } from './set-column-doc/statements'
import { setCurrentSchemaStatements } from './set-current-schema/statements'
import { setDefaultSortOrderStatements } from './set-default-sort-order/statements'
import { setDefaultSpecStatements } from './set-default-spec/statements'
import { setIdentifierFieldsStatements } from './set-identifier-fields/statements'
import { setPropertyStatements } from './set-property/statements'
import { setRefStatements } from './set-ref/statements'
import { setRefRetentionStatements } from './set-ref-retention/statements'
import { setWriteDefaultStatements } from './set-write-default/statements'
import { upgradeFormatVersionStatements } from './upgrade-format-version/statements'
import { AppError } from '@/lib/errors'
import { commentText, pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { trinoTableName } from '@/lib/sql/trino-table-name'
import type { TableIdentifier } from '../../names/identifiers'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { type Intent, type IntentKind, type IntentOf, intentSentence } from './intent'
import { applyIntent, draftWithIntents } from './intent-changes'
import {
  type IntentStatements,
  isMissing,
  type Missing,
  type PythonSteps,
  type SparkTable,
  type SqlStatements,
  type StatementEngine,
} from '../statements/intent-statement'
import { pythonScript } from '../statements/pyiceberg-script'
import { copyDraft, draftOf, type TableDraft } from '../edits/table-draft'

const STATEMENTS: { [Kind in IntentKind]: IntentStatements<IntentOf[Kind]> } = {
  'add-column': addColumnStatements,
  'add-partition-field': addPartitionFieldStatements,
  'change-column-type': changeColumnTypeStatements,
  'create-ref': createRefStatements,
  'drop-column': dropColumnStatements,
  'drop-ref': dropRefStatements,
  'expire-snapshots': expireSnapshotsStatements,
  'fast-forward': fastForwardStatements,
  'make-column-optional': makeColumnOptionalStatements,
  'move-column': moveColumnStatements,
  'remove-partition-field': removePartitionFieldStatements,
  'remove-property': removePropertyStatements,
  'rename-column': renameColumnStatements,
  'rename-partition-field': renamePartitionFieldStatements,
  'rename-ref': renameRefStatements,
  'replace-sort-order': replaceSortOrderStatements,
  'roll-back': rollBackStatements,
  'set-column-doc': setColumnDocStatements,
  'set-current-schema': setCurrentSchemaStatements,
  'set-default-sort-order': setDefaultSortOrderStatements,
  'set-default-spec': setDefaultSpecStatements,
  'set-identifier-fields': setIdentifierFieldsStatements,
  'set-property': setPropertyStatements,
  'set-ref': setRefStatements,
  'set-ref-retention': setRefRetentionStatements,
  'set-write-default': setWriteDefaultStatements,
  'upgrade-format-version': upgradeFormatVersionStatements,
}

/** The script with which an engine carries out intents. */
export type EngineScript = {
  /** Each a commit of its own; for PyIceberg the one script. */
  statements: readonly string[]
  /** All of it to copy, with comments for the intents that the engine cannot carry out. */
  text: string
  commitCount: number
  missing: readonly (Missing & { index: number })[]
}

const NO_NAME: Missing = { reason: 'Trino has no name for this table.' }
const REPLACED: Missing = { reason: 'Spark would replace the ${…} in a name.' }

/**
 * The same changes in the statements of other engines, in order, with the names that they give one after the other.
 *
 * @throws {AppError} as `changeForIntents` does, for an intent that cannot be carried out
 */
export function statementsForIntents(
  metadata: TableMetadata,
  intents: readonly Intent[],
  identifier: TableIdentifier,
): Record<StatementEngine, EngineScript> {
  const { catalog, namespace, table } = identifier
  const spark: SparkTable = {
    name: [catalog, ...namespace, table].map(quoteWithBackticks).join('.'),
    catalog: quoteWithBackticks(catalog),
    argument: [...namespace, table].map(quoteWithBackticks).join('.'),
  }
  const trino = trinoTableName(identifier)
  // Throws for an intent that does not fit. Below, an engine only lacks it.
  draftWithIntents(metadata, intents)
  const carriedOut = <Step>(engine: string, pick: (of: Statements) => readonly Step[] | Missing) =>
    findStatements(draftOf(metadata), intents, {
      engine,
      stepsOf: (draft, intent) => pick(statementsOf(intent.kind, intent, { draft, spark, trino })),
    })
  const sentences = intents.map((intent) => commentText(intentSentence(intent)))
  return {
    spark: sqlScript(
      sentences,
      carriedOut('Spark', (of) => of.spark),
    ),
    trino: sqlScript(
      sentences,
      carriedOut('Trino', (of) => of.trino),
    ),
    pyiceberg: pythonOf(
      identifier,
      sentences,
      carriedOut('PyIceberg', (of) => of.pyiceberg),
    ),
  }
}

type Statements = Record<'spark' | 'trino', SqlStatements> & { pyiceberg: PythonSteps }

function statementsOf<Kind extends IntentKind>(
  kind: Kind,
  intent: IntentOf[Kind],
  { draft, spark, trino }: { draft: TableDraft; spark: SparkTable; trino: string | null },
): Statements {
  const of = STATEMENTS[kind]
  return {
    spark: withoutVariables(of.spark(draft, intent, spark)),
    trino: trino === null ? NO_NAME : of.trino(draft, intent, trino),
    pyiceberg: of.pyiceberg(draft, intent),
  }
}

/**
 * The statements of an engine for each intent, after the renames to temporary names before it. An engine that lacks one
 * of these lacks the intent, and the intents that need it: it carries out the later ones on the table as it is without
 * it.
 */
function findStatements<Step>(
  before: TableDraft,
  intents: readonly Intent[],
  { engine, stepsOf }: { engine: string; stepsOf: (draft: TableDraft, intent: Intent) => readonly Step[] | Missing },
): (readonly Step[] | Missing)[] {
  let draft = before
  return intents.map((_, index) => {
    const after = copyDraft(draft)
    const found: (readonly Step[] | Missing)[] = []
    try {
      applyIntent(after, intents, index, (step) => found.push(stepsOf(after, step)))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      found.push({ reason: `It needs a change before it that ${engine} lacks.` })
    }
    const steps: Step[] = []
    for (const one of found) {
      if ('reason' in one) return one
      steps.push(...one)
    }
    draft = after
    return steps
  })
}

/** Spark replaces variables before it reads a statement. Texts escape them, names cannot. */
function withoutVariables(statements: SqlStatements): SqlStatements {
  return !isMissing(statements) && statements.some((statement) => statement.includes('${')) ? REPLACED : statements
}

function sqlScript(sentences: readonly string[], found: readonly SqlStatements[]): EngineScript {
  const statements = found.flatMap((one) => (isMissing(one) ? [] : one))
  const lines = found.flatMap((one, i) =>
    isMissing(one) ? [`-- ${sentences[i]}: ${commentText(one.reason)}`] : one.map((statement) => `${statement};`),
  )
  return { statements, text: lines.join('\n'), commitCount: statements.length, missing: missingOf(found) }
}

function pythonOf(
  { namespace, table }: TableIdentifier,
  sentences: readonly string[],
  found: readonly PythonSteps[],
): EngineScript {
  const steps = found.flatMap((one) => (isMissing(one) ? [] : one))
  const comments = found.flatMap((one, i) => (isMissing(one) ? [`# ${sentences[i]}: ${commentText(one.reason)}`] : []))
  const { lines, commitCount } = pythonScript(`(${[...namespace, table].map(pythonString).join(', ')})`, steps)
  const text = [...comments, ...lines].join('\n')
  return { statements: commitCount === 0 ? [] : [text], text, commitCount, missing: missingOf(found) }
}

function missingOf(found: readonly (SqlStatements | PythonSteps)[]): EngineScript['missing'] {
  return found.flatMap((one, index) => (isMissing(one) ? [{ index, reason: one.reason }] : []))
}
