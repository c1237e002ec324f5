import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Run } from '@/lib/contract/jobs'
import { RUN_EVENTS_PATH } from '@/lib/contract/shapes/plain-values'
import { loadEndpoints } from '@/lib/api/call-endpoint'
import { readEvent } from '@/lib/api/read'
import { keys } from '../keys'
import { applyRunUpdates } from './run-updates'
import { schedulesQuery } from './runs'

/** How long to wait before opening a stream again after the server refused one. */
const RETRY_MS = 30_000

/**
 * Keeps runs and schedules up to date with the server, as long as the page is visible.
 *
 * @returns whether changes arrive as events; if not, the page has to poll
 */
export function useRunUpdates(): boolean {
  const client = useQueryClient()
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    let source: EventSource | null = null
    let retryTimer: ReturnType<typeof setTimeout> | undefined
    const close = () => {
      clearTimeout(retryTimer)
      source?.close()
      source = null
      setLive(false)
    }
    const open = () => {
      close()
      // A hidden page leaves the connection to visible ones.
      if (document.hidden) return
      const stream = new EventSource(RUN_EVENTS_PATH)
      source = stream
      stream.addEventListener('open', () => {
        setLive(true)
        // Earlier changes are not in any event.
        void client.invalidateQueries({ queryKey: keys.jobs() })
      })
      stream.addEventListener('runs', ({ data }: MessageEvent<string>) => {
        void readRuns(data).then(
          (runs) => applyRunUpdates(client, runs),
          // The server has another version: requests still work, or explain the failure.
          () => source === stream && close(),
        )
      })
      stream.addEventListener('schedules', () => {
        void client.invalidateQueries({ queryKey: schedulesQuery().queryKey })
      })
      stream.addEventListener('error', () => {
        setLive(false)
        // The browser reopens a stream that broke, but not one that was refused.
        if (stream.readyState === EventSource.CLOSED) retryTimer = setTimeout(open, RETRY_MS)
      })
    }
    open()
    document.addEventListener('visibilitychange', open)
    return () => {
      document.removeEventListener('visibilitychange', open)
      close()
    }
  }, [client])
  return isLive
}

/** @throws {ZodError} for an event of another version; {AppError} server-unreachable */
async function readRuns(text: string): Promise<readonly Run[]> {
  const data = JSON.parse(text) as { build?: unknown }
  const event = await readEvent('runsChangedEvent', data, async () =>
    (await loadEndpoints()).runsChangedEvent.parse(data),
  )
  return (event as { runs: readonly Run[] }).runs
}
