import classes from './chart.module.css'

/** How a part of a chart is filled. */
export type Look = 'solid' | 'hollow' | 'hatched' | 'line'

/** The small square next to the name of a part of a chart. */
export function Mark({ colour, look = 'solid' }: { colour: string | undefined; look?: Look | undefined }) {
  const style = look === 'solid' ? { background: colour } : { color: colour }
  return <span className={classes.mark} style={style} data-look={look} aria-hidden />
}
