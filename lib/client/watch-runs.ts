import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { runsChangedEvent, watchRuns } from '@/lib/contract/jobs'
import { endpointUrl } from './call'
import { schedulesQuery, applyRunUpdates } from './jobs'
import { keys } from './keys'

/** After the server refused a stream it is asked for one again no sooner. */
const RETRY_MS = 30_000

/**
 * Keeps what is shown of runs and schedules as it is on the server, for as long as the page is in sight.
 *
 * @returns whether changes are told as they happen; where they are not, the page has to ask
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
      // A page nobody looks at leaves the connection to those that somebody does.
      if (document.hidden) return
      const stream = new EventSource(endpointUrl(watchRuns, {}))
      source = stream
      stream.addEventListener('open', () => {
        setLive(true)
        // What changed before is in no event.
        void client.invalidateQueries({ queryKey: keys.jobs() })
      })
      stream.addEventListener('runs', ({ data }: MessageEvent<string>) => {
        const parsed = runsChangedEvent.safeParse(JSON.parse(data))
        if (parsed.success) applyRunUpdates(client, parsed.data.runs)
        // A server of another version: it answers questions, or says why not.
        else close()
      })
      stream.addEventListener('schedules', () => {
        void client.invalidateQueries({ queryKey: schedulesQuery().queryKey })
      })
      stream.addEventListener('error', () => {
        setLive(false)
        // One that broke is opened again by the browser; one that was refused is not.
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
