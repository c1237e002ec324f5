import classes from './chart.module.css'

const MARK_PX = 9
const MARK_GAP_PX = 5
/** The width that the mark adds to a label. */
export const END_MARK_PX = MARK_PX + MARK_GAP_PX

/** The space before the text, or before its mark. */
export const END_GAP_PX = 6

/** The label at the right end of a line: its text, after the mark of the line when there are several. */
export function EndLabel({
  x,
  y,
  colour,
  title,
  children,
}: {
  /** The whole text, if the label has a part of it. */
  title?: string
  /** In pixels, or in percent of the drawing. */
  x: number | string
  /** The middle of the label, in pixels. */
  y: number
  /** Null for a line alone. */
  colour: string | null
  children: string
}) {
  const textPx = END_GAP_PX + (colour === null ? 0 : END_MARK_PX)
  return (
    <svg x={x} y={y} width={1} height={1} overflow="visible">
      {colour !== null && (
        <rect x={END_GAP_PX} y={-MARK_PX / 2} width={MARK_PX} height={MARK_PX} rx={2} fill={colour} />
      )}
      <text x={textPx} dy="0.355em" className={classes.endLabel}>
        {title !== undefined && title !== children && <title>{title}</title>}
        {children}
      </text>
    </svg>
  )
}
