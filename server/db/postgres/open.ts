import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import type { Database } from '../database'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import { describeAddress } from './address'
import { ServerClock } from './clock'
import { Connections } from './connections'
import { describeError, failureOf, OutOfReach } from './failures'
import { PostgresDatabase } from './postgres-database'
import { prepareSchema } from './prepare'
import type { PostgresSettings } from './settings'
import { type PostgresTimes, USUAL_TIMES } from './times'
import { type AuditEntry, readLastEntry } from './transaction'

/**
 * A database on a PostgreSQL server, for any number of processes on any number of machines. A server that is just
 * starting is waited for.
 *
 * @throws {AppError} database-unavailable when the server cannot be reached or its tables cannot be used
 */
export async function openPostgres(
  settings: PostgresSettings,
  log: Log,
  changedTimes: Partial<PostgresTimes> = {},
): Promise<Database> {
  const times = { ...USUAL_TIMES, ...changedTimes }
  let connections: Connections | null = null
  try {
    connections = new Connections(settings, times, log)
    const clock = new ServerClock(connections, log)
    const lastEntry = await prepare(connections, clock, { schema: settings.schema, budgetMs: times.readBudgetMs })
    return new PostgresDatabase({ connections, clock, lastEntry, times, poolSize: settings.poolSize, log })
  } catch (error) {
    await connections?.end()
    if (error instanceof AppError) throw error
    throw new AppError(
      'database-unavailable',
      `The database ${describeAddress(settings.url)} could not be opened: ${describeError(reasonOf(error))}`,
      { cause: error },
    )
  }
}

/** @returns the newest entry of the audit */
async function prepare(
  connections: Connections,
  clock: ServerClock,
  { schema, budgetMs }: { schema: string; budgetMs: number },
): Promise<AuditEntry | null> {
  const budget = new TimeBudget(budgetMs)
  for (let attempts = 1; ; attempts += 1) {
    try {
      await connections.use((client) => prepareSchema(client, schema))
      const lastEntry = await connections.use(readLastEntry)
      await clock.start()
      return lastEntry
    } catch (error) {
      if (failureOf(reasonOf(error)).kind !== 'transient') throw error
      if (!(await pauseBeforeRetry(budget, attempts))) throw error
    }
  }
}

/** Why there is no connection: a password that is wrong stays wrong. */
function reasonOf(error: unknown): unknown {
  return error instanceof OutOfReach ? error.cause : error
}
