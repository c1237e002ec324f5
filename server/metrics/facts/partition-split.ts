import 'server-only'
import type { Ingestion, IngestionMeasure, Series } from '@/lib/contract/dashboards'
import { AppError } from '@/lib/errors'
import { MAX_NAMED_PARTITIONS, OTHER_PARTITIONS } from '@/lib/facts/partition-day'
import type { PartitionMeasure } from '@/lib/facts/partition-terms'
import { addTermSums, NO_SUMS, sumTerms, type TermSums } from '@/lib/facts/term-sums'
import { TERMS } from '@/lib/facts/terms'
import { entryLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import type { OnlyTable } from '@/server/db/facts/partitions/only-table'
import { hasPartitions, type PartitionDaySum, readPartitionsBetween } from '@/server/db/facts/partitions/partition-days'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import { MAX_SERIES, OTHER, type IngestionSeries } from './ingestion-series'
import type { Period } from './period-steps'

/** The rows that came into one table, by partition. */

const MAX_LISTED = 50

export type PartitionSplit = {
  split: IngestionSeries
  /** By day. */
  cameIn: (FactSum & { partition: string })[]
  partitions: NonNullable<Ingestion['partitions']>
}

/** Whether a scope has only one table, which has partitions. */
export async function canSplitByPartition(database: Database, only: OnlyTable | null): Promise<boolean> {
  return only !== null && (await hasPartitions(database, only.ids)) === true
}

/** @throws {AppError} invalid-request for several tables, one without partitions, and commits */
export async function requirePartitions(
  database: Database,
  { only, measure }: { only: OnlyTable | null; measure: IngestionMeasure },
): Promise<PartitionMeasure> {
  if (only === null)
    throw new AppError(
      'invalid-request',
      'Only one table is split by partition, if its history was read. Choose a table, or another split.',
    )
  if (measure === 'commits')
    throw new AppError(
      'invalid-request',
      'A commit may be in many partitions, so commits are not split by partition. Choose rows, bytes or files.',
    )
  const name = entryLabel(only.table)
  const known = await hasPartitions(database, only.ids)
  if (known === null)
    throw new AppError('invalid-request', `The partitions of ${name} have not been read yet. Choose another split.`)
  if (!known) throw new AppError('invalid-request', `${name} has no partitions. Choose another split.`)
  return measure
}

export async function readPartitionSplit(
  database: Database,
  { only: { table, ids }, period, measure }: { only: OnlyTable; period: Period; measure: PartitionMeasure },
): Promise<PartitionSplit> {
  const { fromMs, toMs } = period
  const of = { tableIds: ids }
  const byDay = await readFactSums(database, { of, fromMs, toMs, by: ['period'], grain: 'day' })
  const all = await readPartitionsBetween(database, {
    tableIds: ids,
    fromDay: toDay(fromMs),
    toDay: toDay(toMs),
  })
  const named = all.filter(({ partition }) => partition !== OTHER_PARTITIONS)
  const cameIn = named
    .filter(({ term }) => term === 'came-in')
    .map(({ period: day, partition, term, rows, files, bytes }) => ({
      periodStartMs: day * DAY_MS,
      tableId: null,
      partition,
      term,
      operation: null,
      writerId: null,
      commits: 0,
      rows,
      files,
      bytes,
    }))
  return {
    split: chooseSeries(cameIn, { measure, byDay }),
    cameIn,
    partitions: {
      table,
      ...listPartitions(named, { measure, whole: sumOf(byDay, measure) }),
      dayCount: Math.round((toMs - fromMs) / DAY_MS),
      unknownDays: countUnknownDays(all, byDay),
      crowdedDays: countCrowdedDays(all),
    },
  }
}

function sumOf(sums: readonly (FactSum | PartitionDaySum)[], measure: PartitionMeasure): TermSums {
  return sumTerms(sums.map((one) => ({ term: one.term, amount: one[measure] })))
}

/** The partitions into which most came. The others are a series where they have anything on a day. */
function chooseSeries(
  cameIn: PartitionSplit['cameIn'],
  { measure, byDay }: { measure: PartitionMeasure; byDay: readonly FactSum[] },
): IngestionSeries {
  const chosen = [...Map.groupBy(cameIn, ({ partition }) => partition)]
    .map(([partition, sums]) => ({ partition, amount: sum(sums.map((one) => one[measure])) }))
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount || (a.partition < b.partition ? -1 : 1))
    .slice(0, MAX_SERIES)
    .map(({ partition }) => partition)
  const indexes = new Map(chosen.map((name, index) => [name, index]))
  const rest = new Map<number | null, number>()
  const add = (day: number | null, amount: number) => rest.set(day, (rest.get(day) ?? 0) + amount)
  for (const one of byDay) if (one.term === 'came-in') add(one.periodStartMs, one[measure])
  for (const one of cameIn) if (indexes.has(one.partition)) add(one.periodStartMs, -one[measure])
  const hasOthers = [...rest.values()].some((amount) => amount !== 0)
  return {
    series: hasOthers ? [...toSeries(chosen), OTHER] : toSeries(chosen),
    // A commit that came or went again may be in several.
    indexOf: ({ partition }) =>
      partition === undefined ? Number.POSITIVE_INFINITY : (indexes.get(partition) ?? MAX_SERIES + 1),
  }
}

function toSeries(names: readonly string[]): Series[] {
  return names.map((name) => ({ key: name, label: name, table: null }))
}

/** The partitions that moved most, those first that got most. */
function listPartitions(
  named: readonly PartitionDaySum[],
  { measure, whole }: { measure: PartitionMeasure; whole: TermSums },
): Pick<PartitionSplit['partitions'], 'listed' | 'others'> {
  const partitions = [...Map.groupBy(named, ({ partition }) => partition)].map(([name, sums]) => ({
    name,
    terms: sumOf(sums, measure),
    newestMs: Math.max(...sums.map(({ period }) => period)) * DAY_MS,
  }))
  const listed = partitions
    .map((one) => ({ one, movement: sum(Object.values(one.terms).map(Math.abs)) }))
    .sort((a, b) => b.movement - a.movement || (a.one.name < b.one.name ? -1 : 1))
    .slice(0, MAX_LISTED)
    .map(({ one }) => one)
  const known = listed.reduce((terms, one) => addTermSums(terms, one.terms), NO_SUMS)
  return {
    listed: listed.toSorted((a, b) => b.terms['came-in'] - a.terms['came-in']),
    others: {
      count: partitions.length - listed.length,
      terms: sumTerms(TERMS.map((term) => ({ term, amount: whole[term] - known[term] }))),
    },
  }
}

const AMOUNTS = ['rows', 'files', 'bytes'] as const

/** Days with facts whose partitions are not known, or were not read yet. */
function countUnknownDays(all: readonly PartitionDaySum[], byDay: readonly FactSum[]): number {
  const unknown = new Set(all.filter(({ unread }) => unread > 0).map(({ period }) => period))
  const rest = new Map<string, { day: number; amounts: number[] }>()
  const add = (day: number, one: FactSum | PartitionDaySum, sign: 1 | -1) => {
    const key = `${day} ${one.term}`
    const { amounts } = rest.get(key) ?? { amounts: AMOUNTS.map(() => 0) }
    rest.set(key, { day, amounts: AMOUNTS.map((name, index) => (amounts[index] ?? 0) + sign * one[name]) })
  }
  for (const one of byDay) add(toDay(one.periodStartMs ?? 0), one, 1)
  for (const one of all) add(one.period, one, -1)
  for (const { day, amounts } of rest.values()) if (amounts.some((amount) => amount !== 0)) unknown.add(day)
  return unknown.size
}

/** Days with more partitions than have names. */
function countCrowdedDays(all: readonly PartitionDaySum[]): number {
  return [...Map.groupBy(all, ({ period }) => period).values()].filter((sums) => {
    const names = new Set(sums.map(({ partition }) => partition))
    const hasOthers = sums.some(({ partition, unread }) => partition === OTHER_PARTITIONS && unread === 0)
    return hasOthers && names.size > MAX_NAMED_PARTITIONS
  }).length
}
