'use client'
import { Logo } from '@/components/layout/logo'
import { ProblemNote } from '@/components/ui/problem-note'
import type { Problem } from '@/lib/contract/problem'
import { AppError } from '@/lib/errors'
import classes from './session-unknown.module.css'

/** In place of every page while the database is away: whoever is signed in stays so, and loads the page again. */
export function SessionUnknown({ problem }: { problem: Problem }) {
  const { code, detail, facts, requestId } = problem
  return (
    <div className={classes.page}>
      <header className={classes.brand}>
        <Logo size={28} />
        Lakeshore
      </header>
      <main className={classes.main}>
        <h1 className={classes.title}>This page cannot be shown now</h1>
        <ProblemNote
          error={new AppError(code, detail, { facts, requestId })}
          unchanged="Nothing was changed, and you stay signed in."
          next="Try again in a moment; if it stays so, ask whoever runs this Lakeshore to look at its database."
          onRetry={() => window.location.reload()}
        />
      </main>
    </div>
  )
}
