import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'
import type { FilterColumn } from './row-filter'
import { writeOffsets } from './write-offsets'

/** The instant, or the condition, that a text without an offset stands for. */
export function ReadAsUtc({ children }: { children: string }) {
  return (
    <p className="bare small secondary" role="status">
      Read as UTC: <code className="breakable">{children}</code>
    </p>
  )
}

/** A condition with the instants of its times without an offset; nothing if it has none, or is unfinished. */
export function ConditionReadAsUtc({ text, columns }: { text: string; columns: readonly FilterColumn[] }) {
  const timeZone = useTimeZone()
  const written = writeConditionOffsets(text, columns, timeZone)
  return written === null ? null : <ReadAsUtc>{written}</ReadAsUtc>
}

function writeConditionOffsets(text: string, columns: readonly FilterColumn[], timeZone: string): string | null {
  try {
    const predicate = parsePredicateText(text)
    const written = writeOffsets(predicate, columns, timeZone)
    return written === predicate ? null : predicateToText(written)
  } catch {
    // Applying it says what is wrong.
    return null
  }
}
