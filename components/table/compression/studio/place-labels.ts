/** A named point of a chart, in pixels from the top left. */
type NamedPoint = { x: number; y: number; name: string }

/** The start or the end of a label, at its base line. */
type PlacedLabel = { x: number; y: number; anchor: 'start' | 'end' }

type Box = { left: number; right: number; top: number; bottom: number }

const POINT_RADIUS = 5
const GAP = 8
/** Average width of a letter at 11 px. */
const LETTER_WIDTH = 6.5
const ABOVE_BASE_LINE = 9
const BELOW_BASE_LINE = 3
const BASE_LINE = 4
const MAX_SHIFT = 16

/** The nearest first. */
const SHIFTS = Array.from({ length: MAX_SHIFT + 1 }, (_, index) => (index % 2 === 0 ? index : -index - 1))

/**
 * Labels next to their points, between two edges, over no other label and no point. The points before have the first
 * choice.
 *
 * @returns null for a point without room for its label
 */
export function placeLabels(
  points: readonly NamedPoint[],
  edge: { left: number; right: number },
): (PlacedLabel | null)[] {
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - POINT_RADIUS,
    right: x + POINT_RADIUS,
    top: y - POINT_RADIUS,
    bottom: y + POINT_RADIUS,
  }))
  return points.map(({ x, y, name }) => {
    const width = name.length * LETTER_WIDTH
    for (const shift of SHIFTS) {
      for (const anchor of ['start', 'end'] as const) {
        const baseLine = y + BASE_LINE + shift
        const left = anchor === 'start' ? x + GAP : x - GAP - width
        const box = { left, right: left + width, top: baseLine - ABOVE_BASE_LINE, bottom: baseLine + BELOW_BASE_LINE }
        if (box.left < edge.left || box.right > edge.right || taken.some((other) => overlaps(other, box))) continue
        taken.push(box)
        return { x: anchor === 'start' ? x + GAP : x - GAP, y: baseLine, anchor }
      }
    }
    return null
  })
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
