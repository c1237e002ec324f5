'use client'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { effectiveAccessQuery } from '@/lib/client/access/effective-access'
import { retryFetch } from '@/lib/client/call/retry'
import { resourceKey } from '@/lib/format/resource-name'
import type { Resource } from '@/lib/permissions'
import { accessLines, type LevelContents } from './effective-access-rows'

/** The tree of what a user may do. The inside of a line is read when it is opened. */
export function useAccessLines(userId: string, onlyAllowed: boolean) {
  const [openLevels, setOpenLevels] = useState<ReadonlyMap<string, Resource>>(new Map([[resourceKey({}), {}]]))
  const levels = [...openLevels]
  const results = useQueries({
    queries: levels.map(([, on]) => effectiveAccessQuery(userId, on)),
  })
  const contents = new Map<string, LevelContents>()
  levels.forEach(([key], index) => {
    const result = results[index]
    if (result?.data) contents.set(key, { state: 'read', ...result.data })
    else if (result?.error) contents.set(key, { state: 'failed', message: result.error.message })
  })
  const toggle = (on: Resource) => {
    const next = new Map(openLevels)
    if (!next.delete(resourceKey(on))) next.set(resourceKey(on), on)
    setOpenLevels(next)
  }
  return {
    lines: accessLines(contents, (on) => openLevels.has(resourceKey(on)), onlyAllowed),
    toggle,
    retry: (on: Resource) => {
      const result = results[levels.findIndex(([key]) => key === resourceKey(on))]
      if (result) retryFetch(result.refetch)
    },
  }
}
