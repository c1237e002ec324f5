import { useQuery } from '@tanstack/react-query'
import type { Run } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { openRunsQuery } from './runs'

const POLL_INTERVAL_MS = { busy: 5_000, idle: 20_000 } as const

/**
 * The number of running runs that the user may read. It is polled while the page is visible, rarely while it is zero,
 * and updated at once while runs are watched. Undefined before the first response.
 */
export function useRunningCount(): { count: number | undefined; isStale: boolean } {
  const { data, isError } = useQuery({
    ...openRunsQuery(),
    select: ({ runs }) => countRunning(runs),
    refetchInterval: ({ state: { data: open, error } }) => {
      // The page itself reports that the session has ended.
      if (error instanceof AppError && error.code === 'unauthenticated') return false
      return POLL_INTERVAL_MS[open !== undefined && countRunning(open.runs) > 0 ? 'busy' : 'idle']
    },
  })
  return { count: data, isStale: isError }
}

function countRunning(runs: readonly Run[]): number {
  return runs.filter(({ state }) => state === 'running').length
}
