'use client'
import { StandalonePage } from '@/components/shell/standalone-page'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { Problem } from '@/lib/contract/shapes/problem'
import { AppError } from '@/lib/errors'

/** Shown in place of every page while the database is unreachable. Users stay signed in and can reload the page. */
export function SessionUnavailable({ problem }: { problem: Problem }) {
  const { code, detail, facts, requestId } = problem
  return (
    <StandalonePage title="This page is unavailable" isWide>
      <ProblemNote
        error={new AppError(code, detail, { facts, requestId })}
        unchanged="You stay signed in."
        next="Try again in a moment. If that does not help, ask the operator of this Lakeshore to check its database."
        onRetry={() => window.location.reload()}
      />
    </StandalonePage>
  )
}
