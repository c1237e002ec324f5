import type { ChartNumbers } from '@/components/chart/numbers-table'
import { stepLabel } from '@/components/chart/time-labels'
import type { Ingestion, IngestionStep } from '@/lib/contract/dashboards'
import { netOfSums } from '@/lib/facts/term-sums'
import type { Term } from '@/lib/facts/terms'
import type { AmountFormat } from './amount-format'
import { STEP_MS } from './step-length'

const ALWAYS: readonly Term[] = ['removed', 'taken-back', 'moved']
const TERM_NAMES: readonly (readonly [Term, string])[] = [
  ['removed', 'Removed'],
  ['rewritten', 'Rewritten'],
  ['taken-back', 'Taken back'],
  ['put-back', 'Put back'],
  ['not-read', 'Not read'],
  ['moved', 'Moved'],
  ['replaced', 'Replaced or new'],
]

/** The table behind the chart: the equation of each step, with what came in by series. */
export function chartNumbers(
  { buckets, series, equation }: Pick<Ingestion, 'buckets' | 'series' | 'equation'>,
  names: readonly { label: string }[],
  { format, step, timeZone }: { format: AmountFormat; step: IngestionStep; timeZone: string },
): ChartNumbers {
  const terms = TERM_NAMES.filter(([term]) => ALWAYS.includes(term) || equation.terms[term] !== 0)
  const headers = [
    ...names.map(({ label }) => label),
    'Came in',
    ...terms.map(([, name]) => name),
    'Net',
    'Came in before',
  ]
  return {
    rowHeader: 'Time',
    columns: headers.map((name) => ({ name, measure: format.measure })),
    rows: buckets.map(({ startMs, cameIn, terms: sums, previousCameIn }) => ({
      text: stepLabel(startMs, STEP_MS[step], timeZone),
      csv: new Date(startMs).toISOString(),
      values: [
        ...series.map((_, index) => cameIn[index] ?? 0),
        sums['came-in'],
        ...terms.map(([term]) => sums[term]),
        netOfSums(sums),
        previousCameIn,
      ],
    })),
  }
}
