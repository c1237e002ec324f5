'use client'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { effectiveAccessQuery } from '@/lib/client/access/effective-access'
import { retryFetch } from '@/lib/client/call/retry'
import { resourceKey } from '@/lib/format/resource-name'
import type { Resource } from '@/lib/permissions'
import { accessLines, type LevelContents } from './effective-access-rows'

/** A level that is open, with the number of its pages that are read. */
type OpenLevel = { on: Resource; pageCount: number }

/** The tree of what a user may do. The inside of a line is read when it is opened. */
export function useAccessLines(userId: string, onlyAllowed: boolean) {
  const [openLevels, setOpenLevels] = useState<ReadonlyMap<string, OpenLevel>>(
    new Map([[resourceKey({}), { on: {}, pageCount: 1 }]]),
  )
  const levels = [...openLevels]
  const results = useQueries({
    queries: levels.map(([, { on, pageCount }]) => effectiveAccessQuery(userId, on, pageCount)),
  })
  const contents = new Map<string, LevelContents>()
  levels.forEach(([key], index) => {
    const result = results[index]
    if (result?.data) contents.set(key, { state: 'read', ...result.data })
    else if (result?.error) contents.set(key, { state: 'failed', message: result.error.message })
  })
  const set = (on: Resource, level: OpenLevel | null) => {
    const next = new Map(openLevels)
    if (level === null) next.delete(resourceKey(on))
    else next.set(resourceKey(on), level)
    setOpenLevels(next)
  }
  return {
    lines: accessLines(contents, (on) => openLevels.has(resourceKey(on)), onlyAllowed),
    toggle: (on: Resource) => set(on, openLevels.has(resourceKey(on)) ? null : { on, pageCount: 1 }),
    readMore: (on: Resource) => set(on, { on, pageCount: (openLevels.get(resourceKey(on))?.pageCount ?? 0) + 1 }),
    retry: (on: Resource) => {
      const result = results[levels.findIndex(([key]) => key === resourceKey(on))]
      if (result) retryFetch(result.refetch)
    },
  }
}
