'use client'
import { ProblemNote } from '@/components/ui/notes/problem-note'

/** Shown when rendering a page failed, which is a bug of ours. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div style={{ padding: 20, maxWidth: 720 }}>
      <ProblemNote
        error={error}
        subject="This page"
        next={
          error.digest === undefined
            ? 'Try again. If the error persists, reload the page.'
            : `Try again. The server log has the details under ${error.digest}.`
        }
        onRetry={reset}
      />
    </div>
  )
}
