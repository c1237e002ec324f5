'use client'
import { StandalonePage } from '@/components/layout/standalone-page'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { Problem } from '@/lib/contract/problem'
import { AppError } from '@/lib/errors'

/** In place of every page while the database cannot be reached. People stay signed in, and load the page again. */
export function SessionUnavailable({ problem }: { problem: Problem }) {
  const { code, detail, facts, requestId } = problem
  return (
    <StandalonePage title="This page cannot be shown now" isWide>
      <ProblemNote
        error={new AppError(code, detail, { facts, requestId })}
        unchanged="Nothing was changed, and you stay signed in."
        next="Try again in a moment. If it does not help, ask the operator of this Lakeshore to look at its database."
        onRetry={() => window.location.reload()}
      />
    </StandalonePage>
  )
}
