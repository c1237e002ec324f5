import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'
import { hasInstants } from '@/lib/scan/value-text'
import type { FilterColumn } from './filter-columns'
import { writeOffsets } from './write-offsets'

/** The time, or the condition, that a text stands for, in UTC if it lacks an offset. */
export function ReadAs({ isUtc, children }: { isUtc: boolean; children: string }) {
  return (
    <p className="bare small secondary" role="status">
      {isUtc ? 'Read as UTC: ' : 'Read as: '}
      <code className="breakable">{children}</code>
    </p>
  )
}

/** A condition with its times written out; nothing if all of them are, or if it is unfinished. */
export function ConditionReadAs({ text, columns }: { text: string; columns: readonly FilterColumn[] }) {
  const timeZone = useTimeZone()
  const written = writeConditionOffsets(text, columns, timeZone)
  return written === null ? null : <ReadAs {...written} />
}

function writeConditionOffsets(
  text: string,
  columns: readonly FilterColumn[],
  timeZone: string,
): { isUtc: boolean; children: string } | null {
  try {
    const predicate = parsePredicateText(text)
    const written = writeOffsets(predicate, columns, timeZone)
    if (written === predicate) return null
    const zoned = columns.filter(({ type }) => hasInstants(type))
    return { isUtc: writeOffsets(predicate, zoned, timeZone) !== predicate, children: predicateToText(written) }
  } catch {
    // Applying it says what is wrong.
    return null
  }
}
