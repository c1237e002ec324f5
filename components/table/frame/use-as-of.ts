'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import type { AsOf } from '@/lib/iceberg/as-of'
import { type ParsedAsOf, asOfFromQuery, asOfQuery } from '@/lib/paths/paths'

/** Panels that change the table. They close when another state is shown. */
const EDIT_PARAMS = ['move', 'to', 'edit', 'of', 'undo', 'review', 'action']

/** The as-of in the URL: `?ref=`, `?snapshot=`, `?at=2026-11-23T00:35:00Z`, or now. */
export function useAsOf(): ParsedAsOf {
  const params = useSearchParams()
  return useMemo(() => asOfFromQuery(params), [params])
}

/**
 * Returns a function that shows another as-of on the same tab. It is stored in the URL, and *Back* returns to the
 * previous one, unless `isSameStep`: for all but the first state of one drag. The page itself is not requested again,
 * only the table.
 */
export function useChooseAsOf(): (asOf: AsOf, options?: { isSameStep?: boolean }) => void {
  const pathname = usePathname()
  return (asOf, { isSameStep = false } = {}) => {
    const retained = new URLSearchParams(window.location.search)
    for (const name of ['ref', 'snapshot', 'at', ...EDIT_PARAMS]) retained.delete(name)
    const query = [asOfQuery(asOf).slice(1), retained.toString()].filter((part) => part !== '').join('&')
    const address = query === '' ? pathname : `${pathname}?${query}`
    if (isSameStep) window.history.replaceState(null, '', address)
    else window.history.pushState(null, '', address)
  }
}
