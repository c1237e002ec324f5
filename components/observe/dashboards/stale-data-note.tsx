'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'

/** Above figures that could not be read again: why, and that they are older. */
export function StaleDataNote<Data>({ query, subject }: { query: UseQueryResult<Data>; subject: string }) {
  return (
    <ProblemNote
      error={query.error}
      subject={subject}
      next="The figures below are the last that were read, and cover what was chosen then. Try again."
      onRetry={() => retryFetch(query.refetch)}
    />
  )
}
