import 'server-only'
import { logInfo } from '@/server/log'

/** Bundlers load a module more than once; the process ends once. */
const processWide = globalThis as typeof globalThis & { lakeshoreIsStopping?: boolean }

/** From the first signal on, `/readyz` says so and no new requests are sent here; Next lets running ones finish. */
export function watchForStop(): void {
  if (processWide.lakeshoreIsStopping !== undefined) return
  processWide.lakeshoreIsStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.prependOnceListener(signal, () => {
      processWide.lakeshoreIsStopping = true
      logInfo('stopping', { signal })
    })
  }
}

export function isStopping(): boolean {
  return processWide.lakeshoreIsStopping === true
}
