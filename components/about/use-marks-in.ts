'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { marksQuery } from '@/lib/client/namespaces'
import type { EntryMark } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/names/identifiers'

/** Finds the marks of what is directly in a namespace; `parent` null: at the top of the catalog. */
export function useMarksIn(
  catalog: string,
  parent: Namespace | null,
): (kind: EntryMark['kind'], name: string) => EntryMark | undefined {
  const { data } = useQuery(marksQuery(catalog, parent))
  const marks = useMemo(() => new Map(data?.marks.map((mark) => [`${mark.kind} ${mark.name}`, mark])), [data])
  return (kind, name) => marks.get(`${kind} ${name}`)
}
