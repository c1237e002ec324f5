import { useEffect, useMemo, useState } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { ChosenColumn, ColumnMisfits } from '@/lib/ingest/sample/column-misfits'
import type { CountMisfits, Sample } from './sample-column'
import { chosenColumns, chosenKey, sampleDoubts } from './sample-doubts'

type Misfits = ReadonlyMap<string, ColumnMisfits | Error>

const NOTHING: Misfits = new Map()
const NO_COLUMNS: ReadonlyMap<number, ChosenColumn> = new Map()

/**
 * The doubts about the types of the draft, by the ids of their columns. The rows of the sample are read again for a type
 * that the user has chosen, because they may be too many to be held.
 */
export function useSampleDoubts(sample: Sample | null, draft: NewTableDraft): ReadonlyMap<number, string> {
  const chosen = useMemo(() => (sample === null ? NO_COLUMNS : chosenColumns(sample, draft)), [sample, draft])
  const countMisfits = sample?.countMisfits ?? null
  const [counted, setCounted] = useState<{ by: CountMisfits | null; misfits: Misfits }>({ by: null, misfits: NOTHING })
  const misfits = counted.by === countMisfits ? counted.misfits : NOTHING
  // Digits of a decimal are typed one after the other.
  const settled = useSettled(chosen)
  useEffect(() => {
    const missing = [...settled.values()].filter((column) => !misfits.has(chosenKey(column)))
    if (countMisfits === null || missing.length === 0) return undefined
    let isCurrent = true
    const add = (found: readonly (ColumnMisfits | Error)[]) => {
      if (!isCurrent) return
      const added = missing.flatMap((column, i) => (found[i] ? [[chosenKey(column), found[i]] as const] : []))
      setCounted({ by: countMisfits, misfits: new Map([...misfits, ...added]) })
    }
    countMisfits(missing).then(add, (cause: unknown) => {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      add(missing.map(() => error))
    })
    return () => {
      isCurrent = false
    }
  }, [countMisfits, settled, misfits])
  return useMemo(() => (sample === null ? new Map() : sampleDoubts(sample, chosen, misfits)), [sample, chosen, misfits])
}
