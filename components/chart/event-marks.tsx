import { percent, type Share } from './plot'

/** An event, and a word or two that name it. One with a number is in a list, which explains it. */
export type ChartMark = { atMs: number; text: string; number?: number }

const BADGE_RADIUS_PX = 8
/** Numbers that are nearer to each other stand below each other. */
const MIN_NUMBER_GAP: Share = 0.05

/** Words that are nearer to each other would overlap. */
const MIN_TEXT_GAP: Share = 0.14

/** Dashed lines at the times of events, with their words at the top where there is room. */
export function EventMarks({
  marks,
  positionOf,
  areaPx,
  hasTexts,
}: {
  marks: readonly ChartMark[]
  /** Null, or outside 0 to 1: it is not in the chart. */
  positionOf: (atMs: number) => Share | null
  areaPx: number
  hasTexts: boolean
}) {
  let lastTextAt: Share = -1
  let lastNumber = { at: -1, row: 0 }
  return marks.map(({ atMs, text, number }) => {
    const at = positionOf(atMs)
    if (at === null || at < 0 || at > 1) return null
    if (number !== undefined) {
      lastNumber = { at, row: at - lastNumber.at < MIN_NUMBER_GAP ? lastNumber.row + 1 : 0 }
      return <NumberMark key={number} {...{ at, number, text, areaPx }} row={lastNumber.row} />
    }
    const hasText = hasTexts && at - lastTextAt >= MIN_TEXT_GAP
    if (hasText) lastTextAt = at
    const anchor = at < 0.06 ? 'start' : at > 0.94 ? 'end' : 'middle'
    return (
      <g key={`${atMs} ${text}`}>
        <line
          x1={percent(at)}
          x2={percent(at)}
          y1={hasText ? 13 : 0}
          y2={areaPx}
          stroke="var(--text3)"
          strokeDasharray="3 3"
        >
          <title>{text}</title>
        </line>
        {hasText && (
          <text x={percent(at)} y={9} textAnchor={anchor} fontSize={11} fill="var(--text2)">
            {text}
          </text>
        )}
      </g>
    )
  })
}

function NumberMark({
  at,
  number,
  text,
  areaPx,
  row,
}: {
  at: Share
  number: number
  text: string
  areaPx: number
  /** From the top. */
  row: number
}) {
  const yPx = BADGE_RADIUS_PX + row * 2 * BADGE_RADIUS_PX
  return (
    <g>
      <title>{text}</title>
      <line x1={percent(at)} x2={percent(at)} y1={yPx} y2={areaPx} stroke="var(--text3)" strokeDasharray="3 3" />
      <circle cx={percent(at)} cy={yPx} r={BADGE_RADIUS_PX} fill="var(--surface)" stroke="var(--text2)" />
      <text x={percent(at)} y={yPx} dy="0.355em" textAnchor="middle" fontSize={11} fontWeight={500} fill="var(--text)">
        {number}
      </text>
    </g>
  )
}
