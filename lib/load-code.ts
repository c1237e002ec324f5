/** Pauses before another attempt while the server cannot be reached; the last repeats. */
const PAUSES_MS = [500, 1000, 2000, 3000] as const

const PROBE_TIME_LIMIT_MS = 5000

let awaitedCount = 0
const listeners = new Set<() => void>()

/**
 * Loads code of a control that the user has opened. While the server cannot be reached it waits, so that a lost
 * connection or a restart of the server delays the control and does not replace the page by an error.
 *
 * @throws what `load` throws, when the server answers and a second attempt fails too: the code is gone, as after an
 *   upgrade of the server
 */
export async function loadCode<Code>(load: () => Promise<Code>): Promise<Code> {
  let isAwaited = false
  try {
    for (let attempt = 0, refusals = 0; ; attempt++) {
      try {
        return await load()
      } catch (error) {
        if (await isServerReachable()) refusals++
        else refusals = 0
        if (refusals > 1) throw error
        if (!isAwaited) changeAwaited(1)
        isAwaited = true
        await pause(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0)
      }
    }
  } finally {
    if (isAwaited) changeAwaited(-1)
  }
}

/** Asks the process itself, without its database or any catalog. */
export async function isServerReachable(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIME_LIMIT_MS)
    // A proxy answers for a server that is restarting, but not with success.
    return (await fetch('/healthz', { method: 'HEAD', cache: 'no-store', signal })).ok
  } catch {
    return false
  }
}

/** Ends early when the browser is online again. */
function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, durationMs)
    window.addEventListener('online', end)
  })
}

function changeAwaited(change: number): void {
  awaitedCount += change
  for (const listener of listeners) listener()
}

/** Whether a control that the user has opened waits for the connection. */
export function isCodeAwaited(): boolean {
  return awaitedCount > 0
}

/** Calls the listener when {@link isCodeAwaited} changes. */
export function subscribeToAwaitedCode(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
