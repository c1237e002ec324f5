import 'server-only'
import type { Publication, Publications } from '@/lib/contract/table/publications'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { type PublicationCandidate, publicationCandidates } from '@/lib/iceberg/operations/publication-candidates'
import { tableChecks } from '@/lib/iceberg/properties/table-checks'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { buildWireRun } from '@/server/jobs/run-view'
import type { TableServices } from '@/server/table/table-services'
import { checkResults } from '../checks/check-results'
import { checkSpec, listCheckRuns, listTableCheckRuns, outcomesOf } from '../checks/queued-checks'
import { findReadableOutcomes } from '../checks/readable-outcomes'
import { summaryCount } from '../summary-counts'
import { findNextPicks } from './next-picks'

const MAX_PUBLICATIONS = 20

/**
 * Commits that can be audited and published: the newest branches and staged snapshots, with the results of their
 * checks.
 */
export async function readPublications(
  services: Pick<TableServices, 'catalogs' | 'config' | 'database' | 'manifestCache'>,
  table: LoadedTable,
  { snapshotId, actor, signal }: { snapshotId?: string | undefined; actor: Actor; signal?: AbortSignal },
): Promise<Publications> {
  const { config, database, manifestCache } = services
  // The results of checks have rows.
  table.requireReadable?.()
  const { identifier, metadata } = table
  const checks = tableChecks(metadata.properties)
  const { totalCount, candidates } = publicationCandidates(metadata, { limit: MAX_PUBLICATIONS, snapshotId })
  const tableRuns = candidates.length === 0 ? [] : await listTableCheckRuns(database, identifier)
  const mainSnapshotId = findRef(metadata, MAIN_BRANCH)?.snapshotId ?? null
  const nextPicks = await findNextPicks(manifestCache, table, candidates, signal)
  const publications: Publication[] = []
  for (const [index, candidate] of candidates.entries()) {
    const { distance, ownSnapshots } = candidate
    const runs = await listCheckRuns(database, table, candidate.snapshotId)
    const [newest] = runs
    const earlierIds = new Set(ownSnapshots.slice(1).map((own) => own.snapshotId))
    const earlier = tableRuns.filter(({ spec }) => earlierIds.has(checkSpec.parse(spec).snapshotId))
    const outcomes = [...runs, ...earlier].flatMap(outcomesOf)
    const isReadable = await findReadableOutcomes(services, outcomes, { actor, signal })
    const results = checkResults(checks, runs, earlier, isReadable)
    publications.push({
      branch: candidate.branch,
      wapId: candidate.wapId,
      snapshotId: candidate.snapshotId,
      committedAtMs: ownSnapshots[0]?.timestampMs ?? 0,
      aheadCount: distance?.aheadCount ?? null,
      behindCount: distance?.behindCount ?? null,
      rows: {
        added: distance && sumOf(ownSnapshots, 'added-records'),
        removed: distance && sumOf(ownSnapshots, 'deleted-records'),
      },
      refusal: refusalOf(candidate, mainSnapshotId, results),
      nextPick: nextPicks[index] ?? null,
      checks: results,
      run: newest ? await buildWireRun(database, newest, actor) : null,
    })
  }
  return { mainSnapshotId, checks, isEnabled: config.queries.processes > 0, totalCount, publications }
}

function refusalOf(
  { isFastForward, distance }: PublicationCandidate,
  mainSnapshotId: string | null,
  results: Publication['checks'],
): Publication['refusal'] {
  if (mainSnapshotId === null) return 'no-main'
  if (distance === null) return 'unknown'
  if (!isFastForward) return 'diverged'
  return results.every(({ state }) => state === 'passed') ? null : 'checks'
}

/** Null when a summary does not say it. */
function sumOf(snapshots: readonly Snapshot[], key: string): number | null {
  // Writers leave out zeros, if they write counts at all.
  const isCounted = snapshots.every((snapshot) => summaryCount(snapshot, 'total-records') !== null)
  return isCounted ? snapshots.reduce((sum, snapshot) => sum + (summaryCount(snapshot, key) ?? 0), 0) : null
}
