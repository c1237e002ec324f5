'use client'
import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { effectiveAccessQuery } from '@/lib/client/access/effective-access'
import { retryFetch } from '@/lib/client/call/retry'
import type { AccessEntry } from '@/lib/contract/access'
import { resourceKey } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'
import { accessLines, type LevelContents } from './effective-access-rows'

/** The tree of a user's access. The contents of a line are read when it is opened. */
export function useAccessLines(userId: string, onlyAllowed: boolean) {
  const [openLevels, setOpenLevels] = useState<ReadonlyMap<string, OpenLevel>>(() => new Map([openLevel({})]))
  const pages = [...openLevels].flatMap(([key, { on, starts }]) => starts.map((after) => ({ key, on, after })))
  const results = useQueries({ queries: pages.map(({ on, after }) => effectiveAccessQuery(userId, on, after)) })
  const pagesOf = (on: Resource) => results.filter((_, index) => pages[index]?.key === resourceKey(on))
  const contents = new Map([...openLevels].map(([key, { on }]) => [key, toContents(pagesOf(on))]))
  const toggle = (on: Resource) => {
    const next = new Map(openLevels)
    if (!next.delete(resourceKey(on))) next.set(...openLevel(on))
    setOpenLevels(next)
  }
  const showMore = (on: Resource) => {
    const [key, level] = openLevel(on)
    const after = pagesOf(on).at(-1)?.data?.next
    const starts = openLevels.get(key)?.starts ?? level.starts
    if (after) setOpenLevels(new Map(openLevels).set(key, { on, starts: [...starts, after] }))
  }
  return {
    lines: accessLines(contents, (on) => openLevels.has(resourceKey(on)), onlyAllowed),
    toggle,
    showMore,
    retry: (on: Resource) => {
      for (const { isError, refetch } of pagesOf(on)) if (isError) retryFetch(refetch)
    },
  }
}

/** A level of the tree that is open, and where each of its pages starts. */
type OpenLevel = { on: Resource; starts: readonly (string | null)[] }

function openLevel(on: Resource): [string, OpenLevel] {
  return [resourceKey(on), { on, starts: [null] }]
}

type PageResult = Pick<UseQueryResult<{ entries: AccessEntry[]; next: string | null }>, 'data' | 'error'>

function toContents(results: readonly PageResult[]): LevelContents {
  const entries = results.flatMap(({ data }) => data?.entries ?? [])
  const missing = results.find(({ data }) => !data)
  if (missing) {
    return { entries, rest: missing.error ? { state: 'failed', message: missing.error.message } : { state: 'reading' } }
  }
  return { entries, rest: { state: results.at(-1)?.data?.next == null ? 'none' : 'unread' } }
}
