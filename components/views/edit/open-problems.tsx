'use client'
import classes from '@/components/explore/new-table/new-table.module.css'
import type { ViewProblem } from '@/lib/changes/view-edits/view-draft'

type OpenProblemsProps = { problems: readonly ViewProblem[]; others: readonly string[] }

/** Each problem is at its field, too, which may be out of sight. Renders nothing without any. */
export function OpenProblems({ problems, others }: OpenProblemsProps) {
  const messages = [...new Set([...problems.map(({ message }) => message), ...others])]
  if (messages.length === 0) return null
  return (
    <ul className={classes.problems} aria-label="Problems">
      {messages.map((message) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}
