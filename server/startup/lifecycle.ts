import 'server-only'
import { ConfigError } from '@/server/config/config'
import { createLog, type Log } from '@/server/log'

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** From the first signal on, `/readyz` says so and no new requests are sent here; Next lets running ones finish. */
export function abortOnStopSignal(stopping: AbortController, log: Log): void {
  for (const signal of STOP_SIGNALS) {
    process.prependOnceListener(signal, () => {
      stopping.abort()
      log.info('stopping', { signal })
    })
  }
}

/**
 * Stops this process as SIGTERM does when the terminal it was started on is closed, and when `up`, which holds the
 * other end of a channel to each process it started, is gone, however it went: nothing keeps the port then.
 */
export function stopWhenOrphaned(log: Log): void {
  const stop = (reason: string) => {
    log.info(reason)
    process.kill(process.pid, 'SIGTERM')
  }
  process.once('SIGHUP', () => stop('the terminal is closed'))
  if (!process.channel) return
  process.once('disconnect', () => stop('the process that started this one is gone'))
  // Listening for the end of the channel is no reason to stay.
  process.channel.unref()
}

/** Why a process ends with code 1: a setting or a home that cannot be used in a sentence, anything else in the log. */
export function reportFatalError(error: unknown, log: Log = createLog('info')): void {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else log.error(error)
}
