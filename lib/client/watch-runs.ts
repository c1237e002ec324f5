import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { runsChangedEvent, watchRuns } from '@/lib/contract/jobs'
import { endpointUrl } from './call'
import { schedulesQuery, applyRunUpdates } from './jobs'
import { keys } from './keys'

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
      const stream = new EventSource(endpointUrl(watchRuns, {}))
      source = stream
      stream.addEventListener('open', () => {
        setLive(true)
        // Earlier changes are not in any event.
        void client.invalidateQueries({ queryKey: keys.jobs() })
      })
      stream.addEventListener('runs', ({ data }: MessageEvent<string>) => {
        const parsed = runsChangedEvent.safeParse(JSON.parse(data))
        if (parsed.success) applyRunUpdates(client, parsed.data.runs)
        // The server has another version: requests still work, or explain the failure.
        else close()
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
