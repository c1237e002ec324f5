import 'server-only'
import type { Database } from '../database'
import { query } from '../statement'
import { isDue } from './run-leases'
import { type Run, toRun } from './runs'

/**
 * The runs that a queued run waits for, if only some of its kind run at the same time: those of its kind and lane that
 * are executed, then the older ones that may start now.
 *
 * @returns how many there are, and the first ones
 */
export async function readRunsAhead(
  database: Database,
  { id, kind, lane }: Pick<Run, 'id' | 'kind' | 'lane'>,
  limit: number,
): Promise<{ count: number; runs: Run[] }> {
  const ahead = query((dialect) =>
    dialect.db
      .selectFrom('runs')
      .selectAll()
      .select(({ fn }) => fn.countAll<number>().over().as('ahead'))
      .where('runs.kind', '=', kind)
      .where('runs.lane', '=', lane)
      .where('runs.id', '!=', id)
      .where((eb) =>
        eb.or([
          eb('runs.state', '=', 'running'),
          eb.and([eb('runs.state', '=', 'queued'), eb('runs.id', '<', id), isDue(eb, dialect)]),
        ]),
      )
      // Running before queued.
      .orderBy('runs.state', 'desc')
      .orderBy('runs.id')
      .limit(limit),
  )
  const rows = await database.read(ahead)
  return { count: rows[0]?.ahead ?? 0, runs: rows.map(toRun) }
}
