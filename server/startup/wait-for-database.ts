import 'server-only'
import { AppError } from '@/lib/errors'
import { DatabaseUnreachable } from '@/server/db/database-unreachable'
import { probeRead } from '@/server/db/health'
import { clock } from '@/server/timing/clock'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'

const FIRST_PAUSE_MS = 500
/** Short enough that the start continues soon after the database is available. */
const MAX_PAUSE_MS = 5_000

/** Receives one message when the wait begins and one when it ends. */
export type WaitListener = {
  onBegin: (sentence: string, cause: DatabaseUnreachable) => void
  onEnd: (sentence: string) => void
}

type WaitOptions = {
  listener: WaitListener
  /** Ends the wait immediately. */
  signal: AbortSignal
  /** Without a limit, the wait takes as long as the outage. */
  maxWaitMs?: number
}

/** Writes the messages to the log of a process; the first one is an error, as for every outage. */
export function createLogListener(log: Log): WaitListener {
  return {
    onBegin: (sentence, cause) => log.error(new AppError(cause.code, sentence, { cause })),
    onEnd: (sentence) => log.info(sentence),
  }
}

/**
 * Waits at startup until the PostgreSQL server can be reached, and then creates or migrates its tables. A process that
 * exited instead would be restarted again and again until its supervisor gives up. For a database in a home there is no
 * wait: it exists or it is created.
 *
 * @returns whether the database is available; false when the signal ended the wait
 * @throws {AppError} when the database refuses the connection, or the maximum wait is over
 */
export async function waitForDatabase(
  { config, database }: Pick<Services, 'config' | 'database'>,
  { listener, signal, maxWaitMs = Number.POSITIVE_INFINITY }: WaitOptions,
): Promise<boolean> {
  if (config.postgres === null) return true
  const startMs = clock.elapsedMs()
  const aborted = waitForAbort(signal)
  for (let failures = 0; !signal.aborted; failures += 1) {
    const outage = await Promise.race([probeDatabase(database), aborted])
    if (signal.aborted) break
    if (outage === null) {
      if (failures > 0) listener.onEnd('The database can be reached: the start continues.')
      return true
    }
    if (failures === 0)
      listener.onBegin(`The database ${outage.address} cannot be reached: waiting for it. (${outage.reason})`, outage)
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS)
    if (clock.elapsedMs() - startMs + pauseMs > maxWaitMs) throw waitTimeoutError(outage, maxWaitMs)
    await clock.pause(pauseMs, signal)
  }
  return false
}

/** @returns why the database is unreachable; null when it is reachable */
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
