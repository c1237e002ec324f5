import 'server-only'
import type { CheckResult } from '@/lib/contract/table/publications'
import { AppError } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type TableCheck, tableChecks } from '@/lib/iceberg/properties/table-checks'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { type DatedOutcome, digestOf, listCheckRuns, outcomesOf } from './queued-checks'

/** Failed checks come first, passed ones last. */
const ORDER: readonly CheckResult['state'][] = ['failed', 'not-run', 'stale', 'unchecked', 'passed']

/**
 * The results of the table's checks on a snapshot. A result counts for this snapshot and for the current text of the
 * check; any other is stale.
 *
 * @param runs of the snapshot, newest first
 * @param earlierRuns of earlier snapshots of the same branch, newest first
 * @param isReadable whether the actor may see the rows and messages of a result; of others, only whether they passed
 */
export function checkResults(
  checks: readonly TableCheck[],
  runs: readonly Run[],
  earlierRuns: readonly Run[],
  isReadable: (outcome: DatedOutcome) => boolean,
): CheckResult[] {
  const outcomes = runs.flatMap(outcomesOf)
  const earlier = earlierRuns.flatMap(outcomesOf)
  const results = checks.map(({ name, sql }): CheckResult => {
    const digest = digestOf(sql)
    const current = outcomes.find((outcome) => outcome.name === name && outcome.digest === digest)
    if (current) return toResult(name, current.state, current, isReadable(current))
    const otherText = outcomes.find((outcome) => outcome.name === name)
    if (otherText) return { ...toResult(name, 'stale', otherText, isReadable(otherText)), staleReason: 'text' }
    const otherSnapshot = earlier.find((outcome) => outcome.name === name)
    if (otherSnapshot)
      return { ...toResult(name, 'stale', otherSnapshot, isReadable(otherSnapshot)), staleReason: 'snapshot' }
    return { ...NO_RESULT, name }
  })
  return results.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
}

const NO_RESULT: Omit<CheckResult, 'name'> = {
  state: 'unchecked',
  staleReason: null,
  checkedAtMs: null,
  durationMs: null,
  rowCount: null,
  isTruncated: false,
  columns: [],
  rows: [],
  isHidden: false,
  message: null,
}

function toResult(name: string, state: CheckResult['state'], outcome: DatedOutcome, isReadable: boolean): CheckResult {
  const { checkedAtMs, durationMs, rowCount, isTruncated, columns, rows, message } = outcome
  return {
    ...NO_RESULT,
    name,
    state,
    checkedAtMs,
    durationMs,
    isHidden: !isReadable,
    ...(isReadable && { rowCount, isTruncated, columns, rows, message }),
  }
}

/**
 * @param table at the moment
 * @param metadata that a commit replaces
 * @returns the names of the checks, all of which passed on the snapshot
 * @throws {AppError} commit-conflict with the names of checks that failed or were not run on it
 */
export async function requirePassedChecks(
  database: Database,
  table: LoadedTable,
  metadata: TableMetadata,
  snapshotId: string,
): Promise<string[]> {
  const checks = tableChecks(metadata.properties)
  if (checks.length === 0) return []
  const runs = await listCheckRuns(database, table, snapshotId)
  const missing = checkResults(checks, runs, [], () => false).filter(({ state }) => state !== 'passed')
  if (missing.length === 0) return checks.map(({ name }) => name)
  const [first] = missing
  const failedCount = missing.filter(({ state }) => state === 'failed').length
  throw new AppError(
    'commit-conflict',
    `${failedCount > 0 ? 'Checks failed' : 'Not every check has passed'} on snapshot ${snapshotId}, such as “${first?.name}”. Nothing was changed. Run the checks on this snapshot, and publish when all of them pass.`,
    { facts: { snapshotId, missingCount: missing.length, failedCount } },
  )
}
