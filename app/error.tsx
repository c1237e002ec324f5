'use client'
import { ProblemNote } from '@/components/ui/notes/problem-note'

/** What a page falls back to when drawing it failed: a bug of ours, said as such. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div style={{ padding: 20, maxWidth: 720 }}>
      <ProblemNote
        error={error}
        subject="This page"
        next={
          error.digest === undefined
            ? 'Try again; if it stays so, reload the page.'
            : `Try again; the server's log has it under ${error.digest}.`
        }
        onRetry={reset}
      />
    </div>
  )
}
