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
  reject: { text, value },
  contextChars = Number.POSITIVE_INFINITY,
}: {
  reject: Pick<LoadReject, 'text' | 'value'>
  contextChars?: number
}) {
  if (text === null) return <Mark>{value ?? 'null'}</Mark>
  const at = value === null || value === '' ? -1 : text.indexOf(value)
  if (value === null || at < 0)
    return (
      <code className={classes.text}>
        <VisibleText>{text}</VisibleText>
      </code>
    )
  const before = text.slice(0, at)
  return (
    <code className={classes.text}>
      <VisibleText>{before.length > contextChars ? `…${before.slice(-contextChars)}` : before}</VisibleText>
      <Mark>{value}</Mark>
      <VisibleText>{text.slice(at + value.length)}</VisibleText>
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
