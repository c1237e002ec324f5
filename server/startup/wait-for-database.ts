import 'server-only'
import { AppError } from '@/lib/errors'
import { DatabaseUnreachable } from '@/server/db/database-unreachable'
import { probeRead } from '@/server/db/health'
import { pause } from '@/server/jobs/pause'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'

const FIRST_PAUSE_MS = 500
/** Short enough that the start goes on soon after the database is there. */
const MAX_PAUSE_MS = 5_000

/** Where the wait says that it begins and that it is over, once each. */
export type WaitListener = {
  onBegin: (sentence: string, cause: DatabaseUnreachable) => void
  onEnd: (sentence: string) => void
}

type WaitOptions = {
  listener: WaitListener
  /** Ends the wait at once. */
  signal: AbortSignal
  /** For as long as it takes, when left out. */
  maxWaitMs?: number
}

/** Writes into the log of a process; the beginning is an error there, as that of every outage. */
export function createLogListener(log: Log): WaitListener {
  return {
    onBegin: (sentence, cause) => log.error(new AppError(cause.code, sentence, { cause })),
    onEnd: (sentence) => log.info(sentence),
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
  const aborted = waitForAbort(signal)
  for (let failures = 0; !signal.aborted; failures += 1) {
    const outage = await Promise.race([probeDatabase(database), aborted])
    if (signal.aborted) break
    if (outage === null) {
      if (failures > 0) listener.onEnd('The database can be reached: the start goes on.')
      return true
    }
    if (failures === 0)
      listener.onBegin(`The database ${outage.address} cannot be reached: waiting for it. (${outage.reason})`, outage)
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS)
    if (performance.now() - startMs + pauseMs > maxWaitMs) throw waitTimeoutError(outage, maxWaitMs)
    await pause(pauseMs, signal)
  }
  return false
}

/** @returns why it is away; null when it is there */
async function probeDatabase(database: Services['database']): Promise<DatabaseUnreachable | null> {
  try {
    await probeRead(database)
    return null
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return error
    throw error
  }
}

function waitForAbort(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}

function waitTimeoutError(outage: DatabaseUnreachable, maxWaitMs: number): AppError {
  return new AppError(
    'database-unavailable',
    `The database ${outage.address} could not be reached within ${maxWaitMs / 1000} seconds: ${outage.reason}. ` +
      'Nothing was changed. Start its server, or correct LAKESHORE_DATABASE_URL, and try again.',
    { cause: outage },
  )
}
