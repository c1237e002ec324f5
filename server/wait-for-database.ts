import 'server-only'
import { AppError } from '@/lib/errors'
import { DatabaseAway } from '@/server/db/database-away'
import { probeRead } from '@/server/db/health'
import { pause } from '@/server/jobs/pause'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'

const FIRST_PAUSE_MS = 500
/** Short enough that the start goes on soon after the database is there. */
const MAX_PAUSE_MS = 5_000

/** Where the wait says that it begins and that it is over, once each. */
export type WaitListener = {
  begins: (sentence: string, cause: DatabaseAway) => void
  ends: (sentence: string) => void
}

type WaitOptions = {
  listener: WaitListener
  /** Ends the wait at once. */
  signal: AbortSignal
  /** For as long as it takes, when left out. */
  maxWaitMs?: number
}

/** Writes into the log of a process; the beginning is an error there, as that of every outage. */
export function waitInLog(log: Log): WaitListener {
  return {
    begins: (sentence, cause) => log.error(new AppError(cause.code, sentence, { cause })),
    ends: (sentence) => log.info(sentence),
  }
}

/**
 * Waits at a start until the PostgreSQL server can be reached, and makes or migrates the tables there. A process that
 * ended instead would be started again and again, until its supervisor gives up. A database in a home is not waited
 * for: it is there or it is made.
 *
 * @returns whether the database is there; false when the signal ended the wait
 * @throws {AppError} for a refusal that waiting cannot mend, or when the longest wait is over
 */
export async function waitForDatabase(
  { config, database }: Pick<Services, 'config' | 'database'>,
  { listener, signal, maxWaitMs = Number.POSITIVE_INFINITY }: WaitOptions,
): Promise<boolean> {
  if (config.postgres === null) return true
  const startMs = performance.now()
  const stopped = untilAborted(signal)
  for (let failures = 0; !signal.aborted; failures += 1) {
    const away = await Promise.race([lookForDatabase(database), stopped])
    if (signal.aborted) break
    if (away === null) {
      if (failures > 0) listener.ends('The database can be reached: the start goes on.')
      return true
    }
    if (failures === 0)
      listener.begins(`The database ${away.address} cannot be reached: waiting for it. (${away.reason})`, away)
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS)
    if (performance.now() - startMs + pauseMs > maxWaitMs) throw tooLong(away, maxWaitMs)
    await pause(pauseMs, signal)
  }
  return false
}

/** @returns why it is away; null when it is there */
async function lookForDatabase(database: Services['database']): Promise<DatabaseAway | null> {
  try {
    await probeRead(database)
    return null
  } catch (error) {
    if (error instanceof DatabaseAway) return error
    throw error
  }
}

function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}

function tooLong(away: DatabaseAway, maxWaitMs: number): AppError {
  return new AppError(
    'database-unavailable',
    `The database ${away.address} could not be reached within ${maxWaitMs / 1000} seconds: ${away.reason}. ` +
      'Nothing was changed. Start its server, or correct LAKESHORE_DATABASE_URL, and try again.',
    { cause: away },
  )
}
