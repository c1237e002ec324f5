import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'
import { quoteWithBackticks } from '@/lib/sql/quoting'
import type { SnapshotRef } from '../../iceberg/metadata/table-metadata'
import { isMissing, type Missing, type PythonSteps, type SparkTable, type SqlStatements } from './intent-statement'
import { refStep, setRefInPyiceberg } from './pyiceberg-code'
import { type RefMove, requireRef, type SafetyTag } from '../edits/ref-edits'
import { alterInSpark, callInSpark } from './spark-sql'
import type { TableDraft } from '../edits/table-draft'
import { alterInTrino, TRINO_REFS } from './trino-sql'

/** Statements about branches and tags. */

/** With the clauses of its retention. */
export function refInSpark(
  verb: 'CREATE' | 'REPLACE',
  name: string,
  { type, snapshotId, maxRefAgeMs, minSnapshotsToKeep, maxSnapshotAgeMs }: SnapshotRef,
  table: SparkTable,
): SqlStatements {
  const [refAge, snapshotAge] = [ageInSpark(maxRefAgeMs), ageInSpark(maxSnapshotAgeMs)]
  if (isMissing(refAge)) return refAge
  if (isMissing(snapshotAge)) return snapshotAge
  const parts = [minSnapshotsToKeep === undefined ? '' : `${minSnapshotsToKeep} SNAPSHOTS`, snapshotAge]
  const retained = parts.filter((part) => part !== '').join(' ')
  const retention = `${refAge === '' ? '' : ` RETAIN ${refAge}`}${retained === '' ? '' : ` WITH SNAPSHOT RETENTION ${retained}`}`
  const what = `${verb} ${type.toUpperCase()} ${quoteWithBackticks(name)}`
  return [alterInSpark(table, `${what} AS OF VERSION ${snapshotId}${retention}`)]
}

const UNITS = [
  ['DAYS', 86_400_000],
  ['HOURS', 3_600_000],
  ['MINUTES', 60_000],
] as const

function ageInSpark(ageMs: number | undefined): string | Missing {
  if (ageMs === undefined) return ''
  for (const [unit, unitMs] of UNITS) if (ageMs % unitMs === 0) return `${ageMs / unitMs} ${unit}`
  return { reason: `Spark has no ages finer than minutes, and ${ageMs} ms is none.` }
}

export function dropRefInSpark(name: string, type: SnapshotRef['type'], table: SparkTable): string {
  return alterInSpark(table, `DROP ${type.toUpperCase()} ${quoteWithBackticks(name)}`)
}

/** The tag that keeps the old tip, and then the move. */
export function withSafetyTag(
  { safetyTag, fromSnapshotId }: Pick<RefMove, 'safetyTag' | 'fromSnapshotId'>,
  move: readonly string[],
  table: SparkTable,
): SqlStatements {
  if (safetyTag === null) return move
  const created = refInSpark('CREATE', safetyTag.name, tagRef(safetyTag, fromSnapshotId), table)
  return isMissing(created) ? created : [...created, ...move]
}

export function moveInSpark(draft: TableDraft, move: RefMove, table: SparkTable): SqlStatements {
  const { refName, toSnapshotId } = move
  const kind = requireRef(draft, refName).type.toUpperCase()
  const statement =
    refName === MAIN_BRANCH
      ? callInSpark(table, 'set_current_snapshot', [`snapshot_id => ${toSnapshotId}`])
      : alterInSpark(table, `REPLACE ${kind} ${quoteWithBackticks(refName)} AS OF VERSION ${toSnapshotId}`)
  return withSafetyTag(move, [statement], table)
}

/** Its roll-back goes to any snapshot, of `main` alone. */
export function moveInTrino({ refName, toSnapshotId, safetyTag }: RefMove, table: string): SqlStatements {
  if (refName !== MAIN_BRANCH || safetyTag !== null) return TRINO_REFS
  return [alterInTrino(table, `EXECUTE rollback_to_snapshot(snapshot_id => ${toSnapshotId})`)]
}

/** A ref that has its retention is set with it, because PyIceberg would drop it otherwise. */
export function moveInPyiceberg(draft: TableDraft, move: RefMove): PythonSteps {
  const { refName, fromSnapshotId, toSnapshotId, safetyTag } = move
  const ref = requireRef(draft, refName)
  const isPlain =
    ref.maxRefAgeMs === undefined && ref.maxSnapshotAgeMs === undefined && ref.minSnapshotsToKeep === undefined
  return [
    refStep([
      ...safetyTagInPyiceberg(safetyTag, fromSnapshotId),
      refName === MAIN_BRANCH && isPlain
        ? `set_current_snapshot(${toSnapshotId})`
        : setRefInPyiceberg(refName, { ...ref, snapshotId: toSnapshotId }),
    ]),
  ]
}

export function safetyTagInPyiceberg(safetyTag: SafetyTag | null, snapshotId: string): string[] {
  return safetyTag === null ? [] : [setRefInPyiceberg(safetyTag.name, tagRef(safetyTag, snapshotId))]
}

function tagRef({ maxRefAgeMs }: SafetyTag, snapshotId: string): SnapshotRef {
  return { type: 'tag', snapshotId, ...(maxRefAgeMs !== null && { maxRefAgeMs }) }
}
