'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfQuery } from '@/lib/paths'

/** What the address asks to look at: `?ref=`, `?snapshot=`, `?at=`, or now. */
export function useAsOf(): AsOf {
  const params = useSearchParams()
  const ref = params.get('ref')
  const snapshotId = params.get('snapshot')
  const at = params.get('at')
  return useMemo(() => {
    if (ref !== null) return { ref }
    if (snapshotId !== null) return { snapshotId }
    if (at !== null) return { atMs: Number(at) }
    return {}
  }, [ref, snapshotId, at])
}

/**
 * Looks at something else on the same tab; the address keeps it, and *Back* brings it back. The page is the same, so
 * the server is not asked for it: only for the table.
 */
export function useChooseAsOf(): (asOf: AsOf) => void {
  const pathname = usePathname()
  return (asOf) => window.history.pushState(null, '', `${pathname}${asOfQuery(asOf)}`)
}
