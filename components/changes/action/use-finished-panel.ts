'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'

/**
 * Keeps a panel of the address closed after its action was carried out. When the user leaves for another page before
 * Next has rendered the address without the panel, `nuqs` forgets that it closed the panel, and names it until the
 * other page has arrived.
 *
 * @param named the search params that name the open panel, as `nuqs` has them
 */
export function useFinishedPanel(named: Readonly<Record<string, string | null>>) {
  const searchParams = useSearchParams()
  const [finished, setFinished] = useState<string | null>(null)
  const shown = JSON.stringify(Object.entries(named))
  const rendered = JSON.stringify(Object.keys(named).map((name) => [name, searchParams.get(name)]))
  // The address has left the panel, so that it may name it again.
  if (finished !== null && finished !== rendered) setFinished(null)
  return {
    isFinished: finished === shown,
    finish: () => setFinished(shown),
    /** The user opens a panel, which may be the same one. */
    reopen: () => setFinished(null),
  }
}
