'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfQuery } from '@/lib/paths'

/** The as-of in the URL: `?ref=`, `?snapshot=`, `?at=` (epoch milliseconds), or now. */
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
 * Returns a function that shows another as-of on the same tab. It is stored in the URL, and *Back* returns to the
 * previous one. The page itself is not requested again, only the table.
 */
export function useChooseAsOf(): (asOf: AsOf) => void {
  const pathname = usePathname()
  return (asOf) => window.history.pushState(null, '', `${pathname}${asOfQuery(asOf)}`)
}
