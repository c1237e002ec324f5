'use client'
import { Spotlight } from '@mantine/spotlight'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatRelativeTime } from '@/lib/format/time'

type Result = {
  unreachable: readonly { catalog: string; detail: string }[]
  outdated: readonly { catalog: string; indexedAtMs: number | null }[]
}
type PaletteNotesProps = {
  result: Result | undefined
  error: Error | null
  isSearching: boolean
  isEmpty: boolean
  query: string
}

/** Explains incomplete or missing results. */
export function PaletteNotes({ result, error, isSearching, isEmpty, query }: PaletteNotesProps) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const unreachable = result?.unreachable ?? []
  const outdated = result?.outdated ?? []
  return (
    <>
      {unreachable.length > 0 && (
        <Spotlight.Empty role="status">
          Not searched: {unreachable.map(({ catalog, detail }) => `${catalog} (${detail})`).join(', ')}
        </Spotlight.Empty>
      )}
      {error && <Spotlight.Empty role="alert">Search failed: {error.message}</Spotlight.Empty>}
      {!error && isEmpty && (
        <Spotlight.Empty role="status">{isSearching ? 'Searching…' : `No results for “${query}”.`}</Spotlight.Empty>
      )}
      {outdated.length > 0 && (
        <Spotlight.Empty role="status">
          {outdated
            .map(({ catalog, indexedAtMs }) =>
              indexedAtMs === null
                ? `${catalog} is not indexed completely yet.`
                : `${catalog} was indexed ${formatRelativeTime(indexedAtMs, nowMs, timeZone)}.`,
            )
            .join(' ')}
        </Spotlight.Empty>
      )}
    </>
  )
}
