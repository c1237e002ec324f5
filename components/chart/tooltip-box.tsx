import classes from './chart.module.css'

export type TooltipRow = { name: string; colour: string; value: string }

/** The tooltip of a chart: the time, a mark, name and value per series, and their sum below a line. */
export function TooltipBox({
  title,
  note,
  rows,
  sum,
}: {
  title: string
  note?: string
  rows: readonly TooltipRow[]
  sum?: { name: string; value: string }
}) {
  return (
    <div className={classes.tooltip}>
      <div className={classes.tooltipHead}>
        <b>{title}</b>
        {note !== undefined && <span>{note}</span>}
      </div>
      {rows.map(({ name, colour, value }) => (
        <div key={name} className={classes.tooltipRow}>
          <span className={classes.mark} style={{ background: colour }} aria-hidden />
          <span>{name}</span>
          <span className={classes.tooltipValue}>{value}</span>
        </div>
      ))}
      {sum && (
        <div className={classes.tooltipSum}>
          <span>{sum.name}</span>
          <b>{sum.value}</b>
        </div>
      )}
    </div>
  )
}
