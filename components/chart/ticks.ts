/** How the values of an axis are printed and where its ticks may fall. */
export type Measure = 'count' | 'bytes' | 'ratio'

/** Never more than this many ticks on an axis, zero included. */
const MAX_TICKS = 6

/**
 * Round ticks from `least` to at least `most`: 1, 2 or 5 times a power of ten; for bytes the same within one binary
 * unit, so that they read `2 GiB` and not `1.86 GiB`.
 */
export function niceTicks(least: number, most: number, measure: Measure): number[] {
  const span = most - least
  if (!(span > 0)) {
    const floor = Math.floor(least)
    return [floor, floor + (measure === 'bytes' && floor === 0 ? 1024 : 1)]
  }
  const unit = measure === 'bytes' ? 1024 ** Math.floor(Math.log(most) / Math.log(1024)) : 1
  const step = niceStep(span / unit, measure === 'ratio' || unit > 1) * unit
  const first = Math.floor(least / step)
  const last = Math.ceil(most / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** The smallest round step that needs no more than the ticks allowed; whole unless fractions are. */
function niceStep(span: number, allowsFractions: boolean): number {
  const rough = span / (MAX_TICKS - 2)
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10
  const step = factor * power
  return allowsFractions ? step : Math.max(1, Math.ceil(step))
}

/** Which of many labels along the bottom are written: every so many, the first included, at most `most`. */
export function spacedIndices(count: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(count / most))
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every)
}

/** Height of a label at the end of a line, with the room around it. */
const LABEL_PX = 15

/**
 * How far the labels at the ends of lines are moved, in pixels downwards, so that none stands on another: the upper one
 * stays, the next is pushed down, and where there is no room below, they are pushed up together.
 */
export function endLabelShifts(
  values: readonly (number | null)[],
  { least, most, heightPx }: { least: number; most: number; heightPx: number },
): number[] {
  const shifts = values.map(() => 0)
  const placed = values
    .flatMap((value, index) =>
      value === null ? [] : [{ index, y: (1 - (value - least) / (most - least)) * heightPx }],
    )
    .sort((a, b) => a.y - b.y)
  let free = Number.NEGATIVE_INFINITY
  for (const { index, y } of placed) {
    const at = Math.max(y, free)
    shifts[index] = at - y
    free = at + LABEL_PX
  }
  const beyond = Math.max(0, free - LABEL_PX - heightPx)
  return shifts.map((shift) => shift - beyond)
}
