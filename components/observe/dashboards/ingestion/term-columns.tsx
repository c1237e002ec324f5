import type { Column } from '@/components/ui/table/data-table'
import type { TermSums } from '@/lib/facts/term-sums'
import type { Term } from '@/lib/facts/terms'
import type { AmountFormat } from './amount-format'
import classes from './ingestion-tables.module.css'

type AmountLook = { toText?: (amount: number) => string; weight?: 'figure' }

/**
 * The columns of terms in the lists of Ingestion. `unlessZero` leaves a column out that has nothing in any row.
 *
 * @param options.isTotal whether a row is the last one, which repeats the equation
 * @param options.isZero whether no row has anything of a term
 */
export function termColumns<Row extends { terms: TermSums }>(
  format: AmountFormat,
  { isTotal, isZero }: { isTotal: (row: Row) => boolean; isZero: (term: Term) => boolean },
) {
  const amount = (
    id: string,
    header: string,
    valueOf: (row: Row) => number,
    { toText = format.toText, weight }: AmountLook = {},
  ): Column<Row> => ({
    id,
    header,
    align: 'end',
    ...(weight && { weight }),
    sortBy: valueOf,
    // A card has only what happened.
    tableOnly: (row) => weight === undefined && valueOf(row) === 0,
    cell: (row) => {
      const value = valueOf(row)
      const text = value === 0 ? <span className="quiet">0</span> : toText(value)
      return <span title={format.toExact(value)}>{isTotal(row) ? <b className={classes.total}>{text}</b> : text}</span>
    },
  })
  const term = (name: Term, header: string, look?: AmountLook) => amount(name, header, ({ terms }) => terms[name], look)
  const unlessZero = (name: Term, header: string, toText = format.toText) =>
    isZero(name) ? [] : [term(name, header, { toText })]
  return { amount, term, unlessZero }
}
