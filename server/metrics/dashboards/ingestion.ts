import 'server-only'
import type { Ingestion, IngestionSplit } from '@/lib/contract/dashboards'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { toLakeCommits } from '../lake/lake-commits'
import { readSnapshotWriters } from '@/server/table/snapshot-writers'
import { toFlows, sumFlows } from './flows'
import { meanFileSize } from './mean-file-size'
import { type RequestContext, loadLake, toLakeReading, type Scope } from '../lake/lake-tables'
import { type Span, stepIndex } from './span'

const MAX_NEWEST = 200

/** The data added during a span, from the commits that the tables still list, on all their branches. */
export async function readIngestion(
  services: Pick<MetricsServices, 'catalogs' | 'database' | 'log'>,
  actor: Actor,
  { by, scope, span }: { by: IngestionSplit; scope: Scope; span: Span },
  context: RequestContext,
): Promise<Ingestion> {
  const lake = await loadLake(services, actor, scope, context)
  const isWithin = (atMs: number) => stepIndex(span, atMs) >= 0
  const writerOf = await readSnapshotWriters(
    services.database,
    lake.tables.map(({ metadata: { tableUuid, snapshots } }) => ({
      tableUuid,
      snapshots: snapshots.filter(({ timestampMs }) => isWithin(timestampMs)),
    })),
    actor,
  )
  const commits = lake.tables.flatMap((table) => toLakeCommits(table, writerOf))
  const within = commits.filter(({ atMs }) => isWithin(atMs))
  const lengthMs = span.toMs - span.fromMs
  const before = commits.filter(({ atMs }) => atMs >= span.fromMs - lengthMs && atMs < span.fromMs)
  return {
    ...toLakeReading(lake, context),
    ...toFlows(commits, span, by),
    totals: {
      ...sumFlows(within),
      ...otherTotals(within),
      ...meanFileSize(
        lake.tables.flatMap(({ metadata }) => metadata.snapshots.filter(({ timestampMs }) => isWithin(timestampMs))),
      ),
    },
    previous: sumFlows(before),
    newest: within.sort((a, b) => b.atMs - a.atMs).slice(0, MAX_NEWEST),
  }
}

function otherTotals(commits: readonly LakeCommit[]) {
  const inputSizes = commits.flatMap(({ inputBytes }) => (inputBytes === null ? [] : [inputBytes]))
  return {
    removedRows: sum(commits.map(({ removedRows }) => removedRows ?? 0)),
    tables: new Set(commits.map(({ table }) => JSON.stringify(table))).size,
    inputBytes: sum(inputSizes),
    inputCommits: inputSizes.length,
    commitsWithoutCounts: commits.filter(({ addedRows }) => addedRows === null).length,
  }
}
