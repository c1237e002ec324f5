import 'server-only'
import { sql } from 'kysely'
import { OTHER_PARTITIONS } from '@/lib/facts/partition-day'
import {
  addPartitionAmounts,
  isZeroAmounts,
  NO_AMOUNTS,
  type PartitionAmounts,
  PARTITION_MEASURES,
} from '@/lib/facts/partition-terms'
import { type Term, TERMS, toTerms } from '@/lib/facts/terms'
import type { Change, Database } from '../../database'
import { change, query } from '../../statement'
import { toDay } from '../sum-tables'
import { readFactsOfDay, readNextMainFact } from './listed-facts'
import type { PartitionDaySum } from './partition-days'

/**
 * The facts in the sums by day that are no longer listed one by one: their partitions are not known. Rows of a
 * history end in the order of their times, so these are all before the first one that is still listed, if not of its day.
 *
 * @param after the last fact that was read
 */
export async function readUnlistedFacts(
  database: Database,
  tableId: number,
  after: number,
): Promise<PartitionDaySum[]> {
  const next = await readNextMainFact(database, tableId, after)
  const lastDay = next && toDay(next.atMs)
  const listed = next === null ? [] : await readFactsOfDay(database, tableId, { from: next.seq, day: toDay(next.atMs) })
  const rest = new Map<string, PartitionDaySum>()
  const add = (period: number, term: Term, amounts: PartitionAmounts, sign: 1 | -1) => {
    const key = `${period} ${term}`
    const known = rest.get(key)
    const signed = { rows: sign * amounts.rows, files: sign * amounts.files, bytes: sign * amounts.bytes }
    const sums = addPartitionAmounts(known ?? NO_AMOUNTS, signed)
    rest.set(key, { period, partition: OTHER_PARTITIONS, term, unread: 1, ...sums })
  }
  for (const name of ['fact_days', 'fact_partition_days'] as const) {
    const sums = await readSums(database, name, tableId, lastDay)
    for (const { period, term, ...amounts } of sums) add(period, term as Term, amounts, name === 'fact_days' ? 1 : -1)
  }
  for (const fact of listed) {
    const terms = toTerms(fact)
    for (const term of TERMS) if (terms[term]) add(toDay(fact.atMs), term, terms[term], -1)
  }
  return [...rest.values()].filter((sum) => !isZeroAmounts(sum))
}

function readSums(
  database: Database,
  name: 'fact_days' | 'fact_partition_days',
  tableId: number,
  lastDay: number | null,
) {
  return database.read(
    query(({ db }) =>
      db
        .selectFrom(name)
        .select(['period', sql<string>`term`.as('term')])
        .select(({ fn }) => PARTITION_MEASURES.map((measure) => fn.sum<number>(measure).as(measure)))
        .where('table_id', '=', tableId)
        .$if(lastDay !== null, (days) => days.where('period', '<=', lastDay ?? 0))
        .groupBy(['period', 'term']),
    ),
  )
}

/** Fails the transaction when the history has been continued since, because the sums were read of the earlier one. */
export function unchangedHistoryChange({ id, historyRevision }: { id: number; historyRevision: number }): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('fact_tables')
        .set({ revision: historyRevision })
        .where('id', '=', id)
        .where('revision', '=', historyRevision),
    { expectedRows: 1 },
  )
}
