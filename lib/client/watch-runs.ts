import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { runsChanged, watchRuns } from '@/lib/contract/jobs'
import { addressOf } from './call'
import { schedulesQuery, takeInRuns } from './jobs'
import { keys } from './keys'

/** After the server refused a stream it is asked for one again no sooner. */
const TRY_AGAIN_MS = 30_000

/**
 * Keeps what is shown of runs and schedules as it is on the server, for as long as the page is in sight.
 *
 * @returns whether changes are told as they happen; where they are not, the page has to ask
 */
export function useWatchedRuns(): boolean {
  const client = useQueryClient()
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    let source: EventSource | null = null
    let again: ReturnType<typeof setTimeout> | undefined
    const close = () => {
      clearTimeout(again)
      source?.close()
      source = null
      setLive(false)
    }
    const open = () => {
      close()
      // A page nobody looks at leaves the connection to those that somebody does.
      if (document.hidden) return
      const stream = new EventSource(addressOf(watchRuns, {}))
      source = stream
      stream.addEventListener('open', () => {
        setLive(true)
        // What changed before is in no event.
        void client.invalidateQueries({ queryKey: keys.jobs() })
      })
      stream.addEventListener('runs', ({ data }: MessageEvent<string>) => {
        const told = runsChanged.safeParse(JSON.parse(data))
        if (told.success) takeInRuns(client, told.data.runs)
        // A server of another version: it answers questions, or says why not.
        else close()
      })
      stream.addEventListener('schedules', () => {
        void client.invalidateQueries({ queryKey: schedulesQuery().queryKey })
      })
      stream.addEventListener('error', () => {
        setLive(false)
        // One that broke is opened again by the browser; one that was refused is not.
        if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, TRY_AGAIN_MS)
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
