'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfFromQuery, asOfQuery } from '@/lib/paths'

/** The as-of in the URL: `?ref=`, `?snapshot=`, `?at=` (epoch milliseconds), or now. */
export function useAsOf(): AsOf {
  const params = useSearchParams()
  return useMemo(() => asOfFromQuery(params), [params])
}

/**
 * Returns a function that shows another as-of on the same tab. It is stored in the URL, and *Back* returns to the
 * previous one. The page itself is not requested again, only the table.
 */
export function useChooseAsOf(): (asOf: AsOf) => void {
  const pathname = usePathname()
  return (asOf) => window.history.pushState(null, '', `${pathname}${asOfQuery(asOf)}`)
}
