import 'server-only'
import type { Publication, Publications } from '@/lib/contract/table/publications'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { type PublicationCandidate, publicationCandidates } from '@/lib/iceberg/operations/publication-candidates'
import { tableChecks } from '@/lib/iceberg/properties/table-checks'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { buildWireRun } from '@/server/jobs/run-view'
import type { Services } from '@/server/services'
import { checkResults } from '../checks/check-results'
import { checkSpec, listCheckRuns, listTableCheckRuns } from '../checks/queued-checks'
import { summaryCount } from '../summary-counts'

const MAX_PUBLICATIONS = 20

/** What can be audited and published: the newest branches and staged snapshots, with what the checks found on them. */
export async function readPublications(
  { config, database }: Pick<Services, 'config' | 'database'>,
  table: LoadedTable,
  { snapshotId, actor }: { snapshotId?: string | undefined; actor: Actor },
): Promise<Publications> {
  const { identifier, metadata } = table
  const checks = tableChecks(metadata.properties)
  const { totalCount, candidates } = publicationCandidates(metadata, { limit: MAX_PUBLICATIONS, snapshotId })
  const tableRuns = candidates.length === 0 ? [] : await listTableCheckRuns(database, identifier)
  const mainSnapshotId = findRef(metadata, MAIN_BRANCH)?.snapshotId ?? null
  const publications: Publication[] = []
  for (const candidate of candidates) {
    const runs = await listCheckRuns(database, table, candidate.snapshotId)
    const [newest] = runs
    const earlierIds = new Set(candidate.ownSnapshots.slice(1).map((own) => own.snapshotId))
    const earlier = tableRuns.filter(({ spec }) => earlierIds.has(checkSpec.parse(spec).snapshotId))
    const results = checkResults(checks, runs, earlier, actor)
    publications.push({
      branch: candidate.branch,
      wapId: candidate.wapId,
      snapshotId: candidate.snapshotId,
      committedAtMs: candidate.ownSnapshots[0]?.timestampMs ?? 0,
      aheadCount: candidate.ownSnapshots.length,
      behindCount: candidate.behindCount,
      rows: {
        added: sumOf(candidate.ownSnapshots, 'added-records'),
        removed: sumOf(candidate.ownSnapshots, 'deleted-records'),
      },
      refusal: refusalOf(candidate, mainSnapshotId, results),
      nextPick: candidate.nextPick,
      checks: results,
      run: newest ? await buildWireRun(database, newest, actor) : null,
    })
  }
  return { mainSnapshotId, checks, isEnabled: config.queries.processes > 0, totalCount, publications }
}

function refusalOf(
  { isFastForward }: PublicationCandidate,
  mainSnapshotId: string | null,
  results: Publication['checks'],
): Publication['refusal'] {
  if (mainSnapshotId === null) return 'no-main'
  if (!isFastForward) return 'diverged'
  return results.every(({ state }) => state === 'passed') ? null : 'checks'
}

/** Null when a summary does not say it. */
function sumOf(snapshots: readonly Snapshot[], key: string): number | null {
  // Writers leave out what is 0, if they write counts at all.
  const isCounted = snapshots.every((snapshot) => summaryCount(snapshot, 'total-records') !== null)
  return isCounted ? snapshots.reduce((sum, snapshot) => sum + (summaryCount(snapshot, key) ?? 0), 0) : null
}
