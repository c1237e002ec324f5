'use client'

/** Shown when rendering a page outside the console failed, which is a bug of ours. It needs no code of the console. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div role="alert" style={{ padding: 20, maxWidth: 720 }}>
      <p>Something went wrong on this page. Try again.</p>
      {error.digest !== undefined && <p>The server log has the details under {error.digest}.</p>}
      <button type="button" onClick={reset}>
        Try again
      </button>
    </div>
  )
}
