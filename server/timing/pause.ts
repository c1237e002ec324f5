import 'server-only'
import { setTimeout } from 'node:timers/promises'

/** Waits until the time is over or the signal is aborted, whichever is first. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { ...(signal && { signal }) })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}
