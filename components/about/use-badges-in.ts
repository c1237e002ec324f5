'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { badgesQuery } from '@/lib/client/namespaces'
import type { EntryBadge } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/names/identifiers'

/** Finds the badges of the entries directly in a namespace; `parent` null: at the top of the catalog. */
export function useBadgesIn(
  catalog: string,
  parent: Namespace | null,
): (kind: EntryBadge['kind'], name: string) => EntryBadge | undefined {
  const { data } = useQuery(badgesQuery(catalog, parent))
  const badges = useMemo(() => new Map(data?.badges.map((badge) => [`${badge.kind} ${badge.name}`, badge])), [data])
  return (kind, name) => badges.get(`${kind} ${name}`)
}
