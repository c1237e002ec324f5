import classes from './chart.module.css'
import { type Look, Mark } from './mark'

export type TooltipRow = { name: string; colour: string; value: string; look?: Look }

/**
 * The tooltip of a chart: the time, a mark, name and value per series, and their sum below a line.
 *
 * @param props.rest values that are not in the sum, and sentences
 */
export function TooltipBox({
  title,
  note,
  rows,
  sum,
  rest = { rows: [], sentences: [] },
}: {
  title: string
  note?: string
  rows: readonly TooltipRow[]
  sum?: { name: string; value: string }
  rest?: { rows: readonly TooltipRow[]; sentences: readonly string[] }
}) {
  return (
    <div className={classes.tooltip}>
      <div className={classes.tooltipHead}>
        <b>{title}</b>
        {note !== undefined && <span>{note}</span>}
      </div>
      <Rows rows={rows} />
      {sum && (
        <div className={classes.tooltipSum}>
          <span>{sum.name}</span>
          <b>{sum.value}</b>
        </div>
      )}
      <Rows rows={rest.rows} />
      {rest.sentences.map((sentence) => (
        <div key={sentence} className={classes.tooltipSentence}>
          {sentence}
        </div>
      ))}
    </div>
  )
}

function Rows({ rows }: { rows: readonly TooltipRow[] }) {
  return rows.map(({ name, colour, value, look }) => (
    <div key={name} className={classes.tooltipRow}>
      <Mark colour={colour} look={look} />
      <span>{name}</span>
      <span className={classes.tooltipValue}>{value}</span>
    </div>
  ))
}
