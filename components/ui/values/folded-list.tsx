import type { ReactNode } from 'react'
import { formatQuantity } from '@/lib/format/count'

/** A list of which the first lines are shown, and the others after a click. */
export function FoldedList({
  lines,
  maxShown,
  noun,
}: {
  lines: readonly ReactNode[]
  maxShown: number
  /** The name of a line: `file`. */
  noun: string
}) {
  const more = lines.slice(maxShown)
  return (
    <>
      <ul className="bare-list">{lines.slice(0, maxShown)}</ul>
      {more.length > 0 && (
        <details>
          <summary>{formatQuantity(more.length, `more ${noun}`)}</summary>
          <ul className="bare-list">{more}</ul>
        </details>
      )}
    </>
  )
}
