import { NumberMarks, type NumberedMark } from './number-marks'
import { percent, type Share } from './plot'

/** An event, and a word or two that name it. One with a number is in a list, which explains it. */
export type ChartMark = { atMs: number; text: string; number?: number }

/** Words that are nearer to each other would overlap. */
const MIN_TEXT_GAP: Share = 0.14

/** Dashed lines at the times of events, with their words at the top where there is room, or with their numbers. */
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
  const shown = marks.flatMap((mark) => {
    const at = positionOf(mark.atMs)
    return at === null || at < 0 || at > 1 ? [] : [{ ...mark, at }]
  })
  const numbered = shown.flatMap(({ number, ...mark }): NumberedMark[] =>
    number === undefined ? [] : [{ ...mark, number }],
  )
  const worded = shown.filter(({ number }) => number === undefined)
  const withText = new Set(hasTexts ? spacedMarks(worded) : [])
  return (
    <>
      <NumberMarks marks={numbered} areaPx={areaPx} />
      {worded.map((mark) => {
        const { atMs, text, at } = mark
        const hasText = withText.has(mark)
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
      })}
    </>
  )
}

/** Those that are far enough from the one before. */
function spacedMarks<Mark extends { at: Share }>(marks: readonly Mark[]): Mark[] {
  const spaced: Mark[] = []
  for (const mark of marks) {
    const before = spaced.at(-1)
    if (before === undefined || mark.at - before.at >= MIN_TEXT_GAP) spaced.push(mark)
  }
  return spaced
}
