import type { ReactNode } from 'react'
import type { Ingestion } from '@/lib/contract/dashboards'
import { netOfSums } from '@/lib/facts/term-sums'
import type { Term } from '@/lib/facts/terms'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { changeText } from './change-text'
import classes from './equation-strip.module.css'
import type { AmountFormat } from './amount-format'

type Figure = { label: string; operator?: string; value: string; title: string; note: ReactNode }

/**
 * The sums of the period as an equation: the total at its start, what was added and removed, and the total at its end.
 * What is in no sum stands apart.
 */
export function EquationStrip({
  data,
  format,
  ends,
}: {
  data: Pick<
    Ingestion,
    | 'equation'
    | 'previousTerms'
    | 'freedBytes'
    | 'previousFreedBytes'
    | 'takenBackCommits'
    | 'previousTakenBackCommits'
    | 'tableCount'
  >
  format: AmountFormat
  /** The times of both ends; null: now. */
  ends: { start: string; end: string | null }
}) {
  const { equation, previousTerms } = data
  const { terms } = equation
  const figureOf = (term: Term, label: string, sign: 1 | -1, note: ReactNode): Figure => ({
    label,
    ...signed(sign * terms[term], sign, format),
    note,
  })
  const changeOf = (term: Term) => changeText(terms[term], previousTerms[term])
  const unlessZero = (term: Term, label: string, note: ReactNode) =>
    terms[term] === 0 ? [] : [figureOf(term, label, 1, note)]
  const figures: Figure[] = [
    {
      label: `${format.noun}, ${ends.start}`,
      value: format.toText(equation.start),
      title: format.toExact(equation.start),
      note: formatQuantity(data.tableCount, 'table'),
    },
    figureOf('came-in', 'Came in', 1, changeOf('came-in')),
    figureOf('removed', 'Removed', -1, changeOf('removed')),
    ...unlessZero('rewritten', 'Rewritten', 'the same rows in other files'),
    figureOf('taken-back', 'Taken back', -1, takenBackText(data)),
    ...unlessZero('put-back', 'Put back', 'taken back before'),
    ...unlessZero('not-read', 'Not read, net', 'no known commit explains it'),
    {
      label: ends.end === null ? `${format.noun} now` : `${format.noun}, ${ends.end}`,
      operator: '=',
      value: format.toText(equation.end),
      title: format.toExact(equation.end),
      note: `net ${format.toChange(netOfSums(terms))}`,
    },
  ]
  const apart: Figure[] = (['moved', 'replaced'] as const)
    .filter((term) => term === 'moved' || terms[term] !== 0)
    .map((term) => ({
      label: term === 'moved' ? 'Moved' : 'Replaced or new',
      value: format.toText(terms[term]),
      title: format.toExact(terms[term]),
      note: previousTerms[term] === 0 ? 'in no sum' : `${changeOf(term)}, in no sum`,
    }))
  if (data.freedBytes > 0 || data.previousFreedBytes > 0) {
    const change = changeText(data.freedBytes, data.previousFreedBytes)
    apart.push({
      label: 'Freed',
      value: formatBytes(data.freedBytes),
      title: `${formatExactBytes(data.freedBytes)} of files that only expired snapshots had`,
      note: data.previousFreedBytes === 0 ? 'by expiry' : `${change}, by expiry`,
    })
  }
  return (
    <dl className={classes.strip} aria-label="Equation of the period">
      {figures.map((figure) => (
        <StripFigure key={figure.label} figure={figure} />
      ))}
      {apart.map((figure) => (
        <StripFigure key={figure.label} figure={figure} isApart />
      ))}
    </dl>
  )
}

/** A term as it is in the equation. A change of the other direction has the other operator. */
function signed(value: number, sign: 1 | -1, format: AmountFormat): Pick<Figure, 'operator' | 'value' | 'title'> {
  const isAdded = value === 0 ? sign === 1 : value > 0
  return {
    operator: isAdded ? '+' : '−',
    value: format.toText(Math.abs(value)),
    title: format.toExact(Math.abs(value)),
  }
}

function takenBackText({
  takenBackCommits,
  previousTakenBackCommits,
}: Pick<Ingestion, 'takenBackCommits' | 'previousTakenBackCommits'>): string {
  if (takenBackCommits + previousTakenBackCommits === 0) return 'no commits'
  const before = previousTakenBackCommits === 0 ? 'none' : String(previousTakenBackCommits)
  return `${formatQuantity(takenBackCommits, 'commit')}, ${before} before`
}

function StripFigure({
  figure: { label, operator, value, title, note },
  isApart = false,
}: {
  figure: Figure
  isApart?: boolean
}) {
  return (
    <div className={classes.figure} data-apart={isApart || undefined}>
      <dt>{label}</dt>
      <dd className={classes.value} title={title}>
        {operator !== undefined && <span className={classes.operator}>{operator}</span>} {value}
      </dd>
      <dd className={classes.note}>{note}</dd>
    </div>
  )
}
