'use client'
import { ProblemNote, type ProblemNoteProps } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { type Refetch, retryFetch } from '@/lib/client/call/retry'

type UnloadedProps = Omit<ProblemNoteProps, 'error' | 'onRetry'> & {
  query: { data: unknown; error: unknown; refetch: Refetch }
  skeleton: readonly [rows: number, columns: number, label: string]
  /** Another attempt fails, too. */
  isFinal?: boolean
  /** Class of a frame around the problem. */
  className?: string | undefined
}

/**
 * Replaces the data that a query has not read: a skeleton, and after a failure the problem with *Try again*. Renders
 * nothing after success.
 */
export function Unloaded({
  query,
  skeleton: [rows, columns, label],
  isFinal = false,
  className,
  ...note
}: UnloadedProps) {
  const { data, error, refetch } = query
  if (error === null) return data === undefined && <SkeletonRows rows={rows} columns={columns} label={label} />
  const problem = <ProblemNote {...note} error={error} onRetry={isFinal ? undefined : () => retryFetch(refetch)} />
  return className === undefined ? problem : <div className={className}>{problem}</div>
}
