import type { Query, QueryClient } from '@tanstack/react-query'
import { type Backoff, backoffMs } from '@/lib/backoff'
import { AppError } from '@/lib/errors'
import { isServerReachable } from '@/lib/load-code'

const PROBE_PAUSE: Backoff = { firstMs: 1_000, maxMs: 10_000 }

/**
 * Fetches the lists and panels of a page again that failed because the server could not be reached, as soon as it
 * answers: when another request succeeds, or a probe does. Without it, a part that does not poll would show the problem
 * of a restart until the user retries.
 *
 * @returns ends it
 */
export function watchOutages(client: QueryClient): () => void {
  const cache = client.getQueryCache()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWatching = true
  let failures = 0

  const hasLost = () => cache.findAll({ type: 'active', predicate: isLost }).length > 0
  const recover = () => {
    clearTimeout(timer)
    timer = undefined
    if (hasLost()) void client.refetchQueries({ type: 'active', predicate: isLost })
  }
  const probe = async () => {
    // Queries that are on their way decide by themselves, and a hidden page fetches when it is shown again.
    const isUp = hasLost() && !document.hidden && (await isServerReachable())
    timer = undefined
    if (!isWatching) return
    if (isUp) recover()
    else if (hasLost()) plan()
    else failures = 0
  }
  const plan = () => {
    if (timer !== undefined) return
    timer = setTimeout(() => void probe(), backoffMs(PROBE_PAUSE, failures))
    failures += 1
  }

  const stop = cache.subscribe((event) => {
    if (event.type !== 'updated') return
    const { type } = event.action
    if (type === 'error' && isLost(event.query)) plan()
    else if (type === 'success' && event.action.manual !== true) {
      failures = 0
      if (timer !== undefined) recover()
    }
  })
  return () => {
    isWatching = false
    clearTimeout(timer)
    stop()
  }
}

function isLost({ state: { error, fetchStatus } }: Query): boolean {
  return fetchStatus === 'idle' && error instanceof AppError && error.code === 'server-unreachable'
}
