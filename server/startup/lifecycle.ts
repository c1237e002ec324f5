import 'server-only'
import { ConfigError } from '@/server/config/config'
import { createLog, type Log } from '@/server/log'

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * After the first signal `/readyz` reports that the process is stopping, so that no new requests are sent to it; Next
 * lets running requests finish.
 */
export function abortOnStopSignal(stopping: AbortController, log: Log): void {
  for (const signal of STOP_SIGNALS) {
    process.prependOnceListener(signal, () => {
      stopping.abort()
      log.info('stopping', { signal })
    })
  }
}

/**
 * Stops this process as SIGTERM does when its terminal is closed, and when `up` has ended for any reason (`up` holds
 * the other end of a channel to each process it started). No orphan then keeps the port.
 */
export function stopWhenOrphaned(log: Log): void {
  const stop = (reason: string) => {
    log.info(reason)
    process.kill(process.pid, 'SIGTERM')
  }
  process.once('SIGHUP', () => stop('the terminal was closed'))
  if (!process.channel) return
  process.once('disconnect', () => stop('the parent process has ended'))
  // Listening on the channel must not keep the process alive.
  process.channel.unref()
}

/** Reports why a process ends with code 1: an unusable setting or home in one sentence, anything else in the log. */
export function reportFatalError(error: unknown, log: Log = createLog('info')): void {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else log.error(error)
}
