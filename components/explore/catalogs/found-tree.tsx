'use client'
import { useQuery } from '@tanstack/react-query'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSettled } from '@/components/ui/use-settled'
import { retryFetch } from '@/lib/client/call/retry'
import { searchQuery } from '@/lib/client/search'
import classes from './catalog-tree.module.css'
import { foundRows } from './found-rows'
import { Tree } from './tree'

const DEBOUNCE_MS = 120

type FoundTreeProps = {
  /** The filter of the names, not empty. */
  query: string
  label: string
  selectedId: string | null
  onToggle: (id: string, open: boolean) => void
}

/** The search results that replace the catalog tree. */
export function FoundTree({ query, label, selectedId, onToggle }: FoundTreeProps) {
  const debouncedQuery = useSettled(query, DEBOUNCE_MS)
  const { data, error, refetch } = useQuery(searchQuery(debouncedQuery))
  if (error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={error} subject="The search" onRetry={() => retryFetch(refetch)} />
      </div>
    )
  }
  if (data?.hits.length === 0) return <p className={classes.nothing}>No names match “{query}”.</p>
  return (
    <>
      <Tree
        rows={foundRows(data?.hits ?? [], data?.badges ?? [])}
        selectedId={selectedId}
        onToggle={onToggle}
        label={label}
      />
      {data?.isTruncated && <p className={classes.cut}>only the best matches are shown</p>}
    </>
  )
}
