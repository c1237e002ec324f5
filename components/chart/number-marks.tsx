import { percent, type Share } from './plot'

/** An event whose number is in a list, which explains it. `text` says it on hover. */
export type NumberedMark = { at: Share; number: number; text: string }

/** The height of the numbers, above the lines of a chart. */
export const NUMBERS_PX = 20
const RADIUS_PX = 8
const STEP_PX = 2 * RADIUS_PX + 2
/** More numbers at one time are a range, `3–9`. */
const MAX_SIDE_BY_SIDE = 3
/** Numbers that are nearer to each other share a line. */
const MIN_GAP: Share = 0.1

/** Dashed lines at the times of events with their numbers above. */
export function NumberMarks({ marks, areaPx }: { marks: readonly NumberedMark[]; areaPx: number }) {
  return toGroups(marks).map((group) => {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return null
    const badges =
      group.length > MAX_SIDE_BY_SIDE
        ? [
            {
              label: `${first.number}–${last.number}`,
              text: group.map(({ number, text }) => `${number} ${text}`).join('\n'),
            },
          ]
        : group.map(({ number, text }) => ({ label: String(number), text }))
    return (
      <g key={first.number}>
        <line
          x1={percent(last.at)}
          x2={percent(last.at)}
          y1={RADIUS_PX}
          y2={areaPx}
          stroke="var(--text3)"
          strokeDasharray="3 3"
        />
        {/* From the right edge of a chart, they go to the left. */}
        {badges.map(({ label, text }, index) => (
          <Badge
            key={label}
            at={last.at}
            shiftPx={(index - (badges.length - 1) * (last.at > 0.5 ? 1 : 0)) * STEP_PX}
            label={label}
            text={text}
          />
        ))}
      </g>
    )
  })
}

/** @param marks oldest first */
function toGroups(marks: readonly NumberedMark[]): NumberedMark[][] {
  const groups: NumberedMark[][] = []
  for (const mark of marks) {
    const group = groups.at(-1)
    const before = group?.at(-1)
    if (group && before && mark.at - before.at < MIN_GAP) group.push(mark)
    else groups.push([mark])
  }
  return groups
}

function Badge({ at, shiftPx, label, text }: { at: Share; shiftPx: number; label: string; text: string }) {
  const widthPx = Math.max(2 * RADIUS_PX, 8 + 6 * label.length)
  return (
    <svg x={percent(at)} y={RADIUS_PX} width={1} height={1} overflow="visible">
      <title>{text}</title>
      <rect
        x={shiftPx - widthPx / 2}
        y={-RADIUS_PX}
        width={widthPx}
        height={2 * RADIUS_PX}
        rx={RADIUS_PX}
        fill="var(--surface)"
        stroke="var(--text2)"
      />
      <text x={shiftPx} dy="0.355em" textAnchor="middle" fontSize={11} fontWeight={500} fill="var(--text)">
        {label}
      </text>
    </svg>
  )
}
