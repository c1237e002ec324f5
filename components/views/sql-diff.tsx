import { CodeBlock } from '@/components/ui/values/code-block'
import { type DiffLine, lineDiff } from '@/lib/query/line-diff'
import classes from './sql-diff.module.css'

const SIGNS: Record<DiffLine['change'], string> = { kept: ' ', removed: '−', added: '+' }
const CHANGE_LABELS: Record<DiffLine['change'], string> = { kept: '', removed: 'removed: ', added: 'added: ' }

/** A line-by-line diff of two texts. */
export function SqlDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = lineDiff(before, after)
  return (
    <CodeBlock label={label} className={classes.diff}>
      {lines.map(({ change, text }, lineIndex) => (
        <span key={lineIndex} className={classes.line} data-change={change}>
          <span className={classes.sign} aria-hidden>
            {SIGNS[change]}
          </span>
          <span className="sr-only">{CHANGE_LABELS[change]}</span>
          {text}
          {'\n'}
        </span>
      ))}
    </CodeBlock>
  )
}
