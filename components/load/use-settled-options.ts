import { useState } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import type { LoadOptions } from '@/lib/client/jobs/loads'

/** The options of a load, once no more of their texts is typed. What is chosen needs no pause. */
export function useSettledOptions(options: LoadOptions): LoadOptions {
  const settled = useSettled(options)
  const [shown, setShown] = useState(options)
  const isTyping = typedTexts(settled) !== typedTexts(options)
  // Not the settled ones while a text is typed: choices may have been made since.
  if (!isTyping && shown !== options) setShown(options)
  return isTyping ? shown : options
}

/** Equal for options that differ in choices only. */
function typedTexts({ csv, mapping }: LoadOptions): string {
  const texts = Object.entries(mapping.columns).flatMap(([column, source]) => {
    if ('value' in source) return [[column, source.value]]
    if ('sql' in source) return [[column, source.sql]]
    return 'pathValue' in source ? [[column, source.pathValue]] : []
  })
  return JSON.stringify([csv && [csv.skippedLines, csv.nullText, csv.dateFormat, csv.timestampFormat], texts])
}
