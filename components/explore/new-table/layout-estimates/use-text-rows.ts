import { useEffect, useState } from 'react'
import type { TextRow } from '@/lib/ingest/sample/sampled-values'
import type { SampledRows } from '../sample-column'

/** The rows of the file, which are read once a spec or an order needs them. */
export function useTextRows(sampled: SampledRows, isNeeded: boolean) {
  const [read, setRead] = useState<{ of: SampledRows; rows: readonly TextRow[] | null; error: Error | null } | null>(
    null,
  )
  useEffect(() => {
    if (!isNeeded) return undefined
    let isCurrent = true
    const set = (rows: readonly TextRow[] | null, error: Error | null) => {
      if (isCurrent) setRead({ of: sampled, rows, error })
    }
    sampled.read().then(
      (rows) => set(rows, null),
      (error: unknown) => set(null, error instanceof Error ? error : new Error(String(error))),
    )
    return () => {
      isCurrent = false
    }
  }, [sampled, isNeeded])
  return read?.of === sampled ? read : { rows: null, error: null }
}
