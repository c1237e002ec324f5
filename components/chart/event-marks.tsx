import { percent, type Share } from './plot'

/** An event, and a word or two that name it. */
export type ChartMark = { atMs: number; text: string }

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
  return marks.map(({ atMs, text }) => {
    const at = positionOf(atMs)
    if (at === null || at < 0 || at > 1) return null
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
