import { VisibleText } from '@/components/ui/values/visible-text'
import type { LoadReject } from '@/lib/contract/jobs'
import { visibleText } from '@/lib/format/visible-text'
import classes from './rejected-text.module.css'

/**
 * A rejected row as its file has it, with the part marked that does not fit.
 *
 * @param props.contextChars how much of the row is shown before the part, so that it is in view; by default all of it
 */
export function RejectedText({
  reject: { text, value, part },
  contextChars = Number.POSITIVE_INFINITY,
}: {
  reject: Pick<LoadReject, 'text' | 'value' | 'part'>
  contextChars?: number
}) {
  if (text === null) return <Mark>{value ?? 'null'}</Mark>
  // A text that is cut may end before the part.
  if (part === null || part.start >= text.length)
    return (
      <code className={classes.text}>
        <VisibleText>{text}</VisibleText>
      </code>
    )
  const before = text.slice(0, part.start)
  return (
    <code className={classes.text}>
      <VisibleText>{before.length > contextChars ? `…${before.slice(-contextChars)}` : before}</VisibleText>
      <Mark>{text.slice(part.start, part.end)}</Mark>
      <VisibleText>{text.slice(part.end)}</VisibleText>
    </code>
  )
}

/** The value alone; a whole row has none, and an empty one says so. */
export function RejectedValue({ value }: Pick<LoadReject, 'value'>) {
  if (value === null) return <i className="quiet">null</i>
  if (value === '') return <span className="quiet">empty</span>
  return (
    <code title={visibleText(value)}>
      <Mark>{value}</Mark>
    </code>
  )
}

function Mark({ children }: { children: string }) {
  return (
    <mark className={classes.mark}>
      <VisibleText>{children}</VisibleText>
    </mark>
  )
}
