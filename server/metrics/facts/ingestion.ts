import 'server-only'
import type { Ingestion, IngestionMeasure, IngestionSplit, IngestionStep } from '@/lib/contract/dashboards'
import type { PartitionMeasure } from '@/lib/facts/partition-terms'
import { netOfSums, NO_SUMS, sumTerms, type TermSums } from '@/lib/facts/term-sums'
import type { Term } from '@/lib/facts/terms'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import { readFirstFacts } from '@/server/db/facts/sums/first-facts'
import { readNewestCommits, readReturnedCommits, type ReturnedCommit } from '@/server/db/facts/history-commits'
import { readFreedBytes } from '@/server/db/facts/freed-event'
import { readFactEvents } from '@/server/db/facts/fact-events'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import type { SumKey } from '@/server/db/facts/split-range'
import { type FactScope, readFactTablesById, readFactVersion } from '@/server/db/facts/fact-tables'
import { readScopeTotal } from '@/server/db/facts/sums/scope-tables'
import type { MovedTable } from '@/server/db/facts/sums/moved-tables'
import { readFactWriters } from '@/server/db/facts/fact-writers'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { readCountedScope } from './counted-tables'
import { type CatalogReadings, readCatalogReadings } from './catalogs-behind'
import { readHistoryCheck } from './history-check'
import { COMMIT_TERMS } from './commit-terms'
import { readFileSizes, readMedianSizes } from './file-sizes'
import { toIngestionEvents } from './ingestion-events'
import { toLakeCommit } from './lake-commit'
import { listTables, readListedFlows, sumCameIn, toTerm } from './table-flows'
import { chooseSeries, type IngestionSeries } from './ingestion-series'
import { findOnlyTable, type OnlyTable } from '@/server/db/facts/partitions/only-table'
import { canSplitByPartition, readPartitionSplit, requirePartitions } from './partition-split'
import { grainOfSteps, type Period, stepOfPeriod, toPeriod } from './period-steps'

type IngestionRequest = {
  scope: { [Part in keyof FactScope]: FactScope[Part] | undefined }
  fromMs: number
  toMs: number
  previousFromMs: number
  step: IngestionStep
  timeZone: string
  measure: IngestionMeasure
  by: IngestionSplit
  match?: string | undefined
}

const MAX_EVENTS = 400
const MAX_RETURNS = 400
const MAX_RETURNED_COMMITS = 5_000
const MAX_NEWEST = 200
/** Among so many the newest ones are near. */
const MANY_COMMITS = 10_000
const DAY_MS = 24 * 60 * 60_000
/** Old sums by hour are removed at night, so the oldest day may have a part of them. */
const PARTLY_REMOVED_DAYS = 2
/** A collector continues histories while the figures are read, which then are of two times. */
const MAX_READINGS = 3

/** Sums up the histories of the tables that the actor may read. */
export async function readIngestion(
  services: Pick<MetricsServices, 'config' | 'database'>,
  actor: Actor,
  request: IngestionRequest,
  { nowMs }: { nowMs: number },
): Promise<Omit<Ingestion, 'badges'>> {
  let version = await readFactVersion(services.database)
  for (let reading = 1; ; reading += 1) {
    const readings = await readCatalogReadings(services, actor, request.scope)
    const { of } = await readCountedScope(services, actor, toFactScope(request.scope))
    const only = await findOnlyTable(services.database, of)
    const partitionMeasure =
      request.by === 'partition' ? await requirePartitions(services.database, { only, measure: request.measure }) : null
    const ingestion = await readOnce(services, request, { nowMs, of, readings, only, partitionMeasure })
    const versionAfter = await readFactVersion(services.database)
    if (reading === MAX_READINGS || versionAfter === version) return ingestion
    version = versionAfter
  }
}

function toFactScope({ catalog, namespace, table }: IngestionRequest['scope']): FactScope {
  return {
    ...(catalog !== undefined && { catalog }),
    ...(namespace !== undefined && { namespace }),
    ...(table !== undefined && { table }),
  }
}

async function readOnce(
  { config, database }: Pick<MetricsServices, 'config' | 'database'>,
  { measure, by, match, ...request }: Omit<IngestionRequest, 'scope'>,
  {
    nowMs,
    of,
    readings,
    only,
    partitionMeasure,
  }: {
    nowMs: number
    of: SumScope
    readings: CatalogReadings
    only: OnlyTable | null
    /** Null: the split is another one. */
    partitionMeasure: PartitionMeasure | null
  },
): Promise<Omit<Ingestion, 'badges'>> {
  const { period, previous, grain } = toPeriods(
    { ...request, isByDay: partitionMeasure !== null },
    nowMs - (config.factRetention.hourDays - PARTLY_REMOVED_DAYS) * DAY_MS,
  )
  const inPeriod = { of, fromMs: period.fromMs, toMs: period.toMs }
  const equationMeasure = measure === 'commits' ? 'rows' : measure

  // Commits are counted by their operations, which other facts do not have.
  const keys = (ofKeys: readonly SumKey[]) =>
    measure === 'commits' ? [...new Set<SumKey>([...ofKeys, 'operation'])] : ofKeys
  const readSums = (
    { fromMs, toMs, startsMs = [] }: { fromMs: number; toMs: number | null; startsMs?: readonly number[] },
    ofKeys: SumKey[],
    histories: SumScope = of,
  ) =>
    readFactSums(database, { of: histories, fromMs, toMs, by: keys(ofKeys), grain: grainOfSteps(startsMs), startsMs })
  const later = { fromMs: period.toMs, toMs: null }
  const [scopeTotal, laterSums, byStep, previousByStep, returned, events, freedBytes, previousFreedBytes, files] =
    await Promise.all([
      readScopeTotal(database, of),
      readSums(later, []),
      // The series make up the steps, unless these are tables, whose sums by step would be many, or partitions.
      readSums(period, by === 'table' || by === 'partition' ? ['period'] : ['period', by]),
      readSums(previous, ['period']),
      readReturnedCommits(database, { of, fromMs: period.fromMs, toMs: null, limit: MAX_RETURNED_COMMITS }),
      readFactEvents(database, { ...inPeriod, limit: MAX_EVENTS }),
      readFreedBytes(database, inPeriod),
      readFreedBytes(database, { of, fromMs: previous.fromMs, toMs: previous.toMs }),
      readFileSizes(database, of, period),
    ])
  const commitCount = sum(byStep.map(({ term, commits }) => (COMMIT_TERMS.includes(term) ? commits : 0)))
  const newest = await readNewestCommits(
    database,
    { ...inPeriod, limit: MAX_NEWEST },
    { isByTime: 'catalogs' in of || commitCount >= MANY_COMMITS },
  )
  const { listed, charted, tableCount, chartedCount } = await readListedFlows(database, {
    ...inPeriod,
    measure: equationMeasure,
    charts: by !== 'table' ? null : measure === 'commits' ? 'commits' : 'came-in',
    match,
    // Most periods end now.
    hasLater: laterSums.length > 0,
  })
  const named = await readFactTablesById(database, [
    ...new Set([...charted.map(({ id }) => id), ...events.map(toId), ...newest.map(toId), ...returned.map(toId)]),
  ])
  const tables = new Map([...named].map(([id, { table }]) => [id, table]))

  const sources = by === 'table' ? charted.map(toSource) : byStep.map((one) => toSplitSource(one, measure))
  const writerIds = [...sources.map(({ source }) => source), ...returned, ...newest].map(
    ({ writerId }) => writerId ?? 0,
  )
  const writers = await readFactWriters(database, [...new Set(writerIds)])
  const byPartition =
    only && partitionMeasure && (await readPartitionSplit(database, { only, period, measure: partitionMeasure }))
  const split =
    byPartition?.split ??
    chooseSeries(sources, { by, tables, writers, sourceCount: by === 'table' ? chartedCount : null })
  const splitByStep =
    byPartition?.cameIn ??
    (by === 'table' ? await readSums(period, ['period', 'table'], { tableIds: charted.map(({ id }) => id) }) : byStep)

  const terms = sumTerms(byStep.map((one) => toTerm(one, equationMeasure)))
  const netLater = (of: typeof equationMeasure) => netOfSums(sumTerms(laterSums.map((one) => toTerm(one, of))))
  const end = scopeTotal.total[equationMeasure] - netLater(equationMeasure)
  const storedBytes = scopeTotal.total.bytes - netLater('bytes')
  const previousTerms = sumTerms(previousByStep.map((one) => toTerm(one, equationMeasure)))
  const ofListed = { tableIds: listed.map(({ id }) => id) }
  const sinceMs = await readFirstFacts(database, ofListed.tableIds)
  return {
    readAtMs: nowMs,
    check: await readHistoryCheck(database, of),
    ...readings,
    tableCount: scopeTotal.tableCount,
    span: { fromMs: period.fromMs, toMs: period.toMs },
    previousSpan: { fromMs: previous.fromMs, toMs: previous.toMs },
    grain,
    equation: { start: end - netOfSums(terms), terms, end },
    previousTerms,
    freedBytes,
    previousFreedBytes,
    files,
    takenBackCommits: countTakenBack(byStep),
    previousTakenBackCommits: countTakenBack(previousByStep),
    series: split.series,
    hasPartitions: await canSplitByPartition(database, only),
    partitions: byPartition?.partitions ?? null,
    buckets: toBuckets({ period, previous, measure, split, splitByStep, byStep, previousByStep, returned }),
    returns: toReturns(returned, { period, measure, split }),
    events: toIngestionEvents(events, tables),
    newest: newest.flatMap((commit) => toLakeCommit(commit, { tables, writers }) ?? []),
    ...listTables(listed, {
      all: { terms, storedBytes, tableCount },
      previous: {
        ofListed: sumCameIn(await readSums(previous, ['table'], ofListed), equationMeasure),
        ofAll: previousTerms['came-in'],
      },
      medianFileBytes: await readMedianSizes(database, ofListed.tableIds, period),
      sinceMs: new Map([...sinceMs].filter(([, atMs]) => atMs >= previous.fromMs)),
    }),
    storedBytes,
    previousCameIn: previousTerms['came-in'],
  }
}

function toId({ tableId }: { tableId: number }): number {
  return tableId
}

/** How much of a chart's amount has one source. */
type Source = Parameters<typeof chooseSeries>[0][number]

function toSource({ id, charted }: MovedTable): Source {
  return { source: { tableId: id, operation: null, writerId: null }, amount: charted }
}

function toSplitSource(one: FactSum, measure: IngestionMeasure): Source {
  return { source: one, amount: cameInOfSum(one, measure) }
}

function toPeriods(
  {
    fromMs,
    toMs,
    previousFromMs,
    isByDay,
    ...steps
  }: Pick<IngestionRequest, 'fromMs' | 'toMs' | 'previousFromMs' | 'step' | 'timeZone'> & { isByDay: boolean },
  hoursSinceMs: number,
) {
  const grain = isByDay || steps.step === 'week' || previousFromMs < hoursSinceMs ? 'day' : 'hour'
  const period = toPeriod({ fromMs, toMs }, { ...steps, grain })
  const previousToMs = Math.min(previousFromMs + toMs - fromMs, fromMs)
  return {
    grain,
    period,
    previous: toPeriod({ fromMs: previousFromMs, toMs: previousToMs }, { ...steps, grain }),
  } as const
}

/** The same for the chart, where all commits are among those that came in. */
function toChartTerm(one: FactSum, measure: IngestionMeasure): { term: Term; amount: number } {
  if (measure !== 'commits') return toTerm(one, measure)
  if (!COMMIT_TERMS.includes(one.term)) return { term: one.term, amount: one.commits }
  // The other facts with this term are of tables that were dropped or replaced.
  return { term: 'came-in', amount: one.operation === '' ? 0 : one.commits }
}

function cameInOfSum(one: FactSum, measure: IngestionMeasure): number {
  const { term, amount } = toChartTerm(one, measure)
  return term === 'came-in' ? amount : 0
}

function countTakenBack(sums: readonly FactSum[]): number {
  return sum(sums.map(({ term, commits }) => (term === 'taken-back' ? commits : 0)))
}

function toBuckets({
  period,
  previous,
  measure,
  split: { series, indexOf },
  splitByStep,
  byStep,
  previousByStep,
  returned,
}: {
  period: Period
  previous: Period
  measure: IngestionMeasure
  split: IngestionSeries
  splitByStep: readonly FactSum[]
  byStep: readonly FactSum[]
  previousByStep: readonly FactSum[]
  returned: readonly ReturnedCommit[]
}): Ingestion['buckets'] {
  const zeros = () => series.map(() => 0)
  const buckets = period.startsMs.map((startMs, step) => ({
    startMs,
    endMs: period.startsMs[step + 1] ?? period.toMs,
    cameIn: zeros(),
    takenBackLater: zeros(),
    terms: NO_SUMS,
    previousCameIn: 0,
  }))
  const bucketAt = (atMs: number | null, within = period) => buckets[stepOfPeriod(within, atMs ?? 0)]
  for (const one of byStep) {
    const bucket = bucketAt(one.periodStartMs)
    const { term, amount } = toChartTerm(one, measure)
    if (bucket) bucket.terms = { ...bucket.terms, [term]: bucket.terms[term] + amount }
  }
  for (const one of previousByStep) {
    const bucket = bucketAt(one.periodStartMs, previous)
    if (bucket) bucket.previousCameIn += cameInOfSum(one, measure)
  }
  for (const one of splitByStep) {
    const bucket = bucketAt(one.periodStartMs)
    const index = indexOf(one)
    if (bucket && index < series.length) bucket.cameIn[index] = (bucket.cameIn[index] ?? 0) + cameInOfSum(one, measure)
  }
  for (const bucket of buckets) addRest(bucket, series)
  for (const commit of withoutCommitsPutBack(returned)) {
    const bucket = bucketAt(commit.enteredAtMs)
    const index = indexOf(commit)
    const [cameIn, later] = [bucket?.cameIn[index] ?? 0, bucket?.takenBackLater[index] ?? 0]
    // Never more than came in: a commit may have been moved to another time when it was read.
    if (bucket && index < series.length)
      bucket.takenBackLater[index] = Math.min(cameIn, later + cameInOf(commit, measure))
  }
  return buckets
}

/** The series of everything else has what the named ones leave of the sum. */
function addRest(bucket: { cameIn: number[]; terms: TermSums }, series: Ingestion['series']): void {
  const last = series.length - 1
  if (series[last]?.key !== 'other') return
  bucket.cameIn[last] = bucket.terms['came-in'] - sum(bucket.cameIn.slice(0, last))
}

/** The commits that are still taken back: the newest row of each says so. */
function withoutCommitsPutBack(newestFirst: readonly ReturnedCommit[]): ReturnedCommit[] {
  const newest = new Map<string, ReturnedCommit>()
  for (const commit of newestFirst) {
    const key = `${commit.tableId} ${commit.snapshotId}`
    if (!newest.has(key)) newest.set(key, commit)
  }
  return [...newest.values()].filter(({ kind }) => kind === 'taken-back')
}

/** How much a commit was among what came in: a rewrite has a term of its own for files and bytes. */
function cameInOf(commit: ReturnedCommit, measure: IngestionMeasure): number {
  if (commit.operation === 'replace' && (measure === 'files' || measure === 'bytes')) return 0
  return Math.max(netOfCommit(commit, measure), 0)
}

/** The change that a commit made; an unknown one is zero. */
function netOfCommit({ added, removed }: ReturnedCommit, measure: IngestionMeasure): number {
  if (measure === 'commits') return 1
  const [plus, minus] = [added[measure], removed[measure]]
  return plus === null || minus === null ? 0 : plus - minus
}

/** One piece for all commits of a step that came in during one other step and series. */
function toReturns(
  returned: readonly ReturnedCommit[],
  {
    period,
    measure,
    split: { series, indexOf },
  }: { period: Period; measure: IngestionMeasure; split: IngestionSeries },
): Ingestion['returns'] {
  const pieces = new Map<string, Ingestion['returns'][number]>()
  for (const commit of returned) {
    const step = stepOfPeriod(period, commit.atMs)
    const amount = netOfCommit(commit, measure)
    if (step < 0 || amount === 0) continue
    const index = indexOf(commit)
    const seriesIndex = index < series.length ? index : null
    const cameInStep = stepOfPeriod(period, commit.enteredAtMs)
    const cameInAtMs = cameInStep < 0 ? commit.enteredAtMs : (period.startsMs[cameInStep] ?? commit.enteredAtMs)
    const key = JSON.stringify([commit.kind, step, cameInAtMs, seriesIndex])
    const known = pieces.get(key)
    pieces.set(key, {
      kind: commit.kind,
      atMs: commit.atMs,
      cameInAtMs,
      seriesIndex,
      amount: amount + (known?.amount ?? 0),
    })
  }
  return [...pieces.values()].slice(0, MAX_RETURNS)
}
