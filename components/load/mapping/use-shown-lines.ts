import { useMemo, useState } from 'react'
import type { MappingLine } from './mapping-lines'
import { findLines, firstShownKeys, MAX_SHOWN_LINES, nextKeys, type ShownLines, toShownLines } from './shown-lines'

const NOTHING: ReadonlySet<string> = new Set()

/**
 * The lines that are shown of many, until the user asks for more or for those with a text. A line that was shown once
 * stays: otherwise it would go away as soon as it is decided, with the focus in it.
 */
export function useShownLines(
  lines: readonly MappingLine[],
  search: string,
): ShownLines & { show: (keys: readonly string[]) => void; showMore: () => void } {
  const [seen, setSeen] = useState(NOTHING)
  const first = useMemo(() => (lines.length > MAX_SHOWN_LINES ? firstShownKeys(lines) : null), [lines])
  const show = (keys: readonly string[]) => setSeen((before) => new Set([...before, ...keys]))
  if (first?.some((key) => !seen.has(key))) show(first)
  const isLong = first !== null
  const shown = useMemo(
    () => (search.trim() === '' ? toShownLines(lines, isLong ? seen : null) : findLines(lines, search)),
    [lines, search, isLong, seen],
  )
  return { ...shown, show, showMore: () => show(nextKeys(lines, seen)) }
}
