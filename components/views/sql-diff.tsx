import { CodeBlock } from '@/components/ui/values/code-block'
import { type DiffLine, lineDiff } from '@/lib/query/line-diff'
import classes from './sql-diff.module.css'

const SIGNS: Record<DiffLine['change'], string> = { unchanged: ' ', removed: '−', added: '+' }
const CHANGE_LABELS: Record<DiffLine['change'], string> = { unchanged: '', removed: 'removed: ', added: 'added: ' }

type SqlDiffProps = { before: string; after: string; label: string }

/** A line-by-line diff of two texts. */
export function SqlDiff({ before, after, label }: SqlDiffProps) {
  return (
    <CodeBlock label={label} className={classes.diff}>
      {lineDiff(before, after).map((line, lineIndex) => (
        <Line key={lineIndex} {...line} />
      ))}
    </CodeBlock>
  )
}

/** The same with the two texts side by side. In a narrow container one is below the other. */
export function SplitSqlDiff({ before, after, label }: SqlDiffProps) {
  return (
    <div className={classes.splitFrame}>
      <CodeBlock label={label} className={classes.diff}>
        {toPairs(lineDiff(before, after)).map(({ left, right }, pairIndex) => (
          <span key={pairIndex} className={classes.pair}>
            {left ? <Line {...left} /> : <span className={classes.gap} />}
            {/* A line of both texts is read once. */}
            {right ? <Line {...right} isRepeated={right === left} /> : <span className={classes.gap} />}
          </span>
        ))}
      </CodeBlock>
    </div>
  )
}

function Line({ change, text, isRepeated = false }: DiffLine & { isRepeated?: boolean }) {
  return (
    <span className={classes.line} data-change={change} {...(isRepeated && { 'aria-hidden': true })}>
      <span className={classes.sign} aria-hidden>
        {SIGNS[change]}
      </span>
      <span className="sr-only">{CHANGE_LABELS[change]}</span>
      {text}
      {'\n'}
    </span>
  )
}

type Pair = { left: DiffLine | null; right: DiffLine | null }

/** Removed lines next to the added lines that replace them. */
function toPairs(lines: readonly DiffLine[]): Pair[] {
  const pairs: Pair[] = []
  let open: Pair[] = []
  for (const line of lines) {
    if (line.change === 'unchanged') open = []
    const waiting = line.change === 'added' ? open.shift() : undefined
    if (waiting) {
      waiting.right = line
      continue
    }
    const pair = { left: line.change === 'added' ? null : line, right: line.change === 'removed' ? null : line }
    pairs.push(pair)
    if (line.change === 'removed') open.push(pair)
  }
  return pairs
}
