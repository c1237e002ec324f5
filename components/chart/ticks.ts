/** Decides how the values of an axis are formatted and where its ticks may be. */
export type Measure = 'count' | 'bytes' | 'ratio' | 'share'

/** Ticks that an axis aims for, zero included. */
const MAX_TICKS = 6

/**
 * Round ticks from at most `min` to at least `max`: 1, 2, 2.5 or 5 times a power of ten. For bytes the same within one
 * binary unit, so that they read `2 GiB` and not `1.86 GiB`.
 */
export function niceTicks(min: number, max: number, measure: Measure): number[] {
  const span = max - min
  if (!(span > 0)) {
    const floor = Math.floor(min)
    return [floor, floor + (measure === 'bytes' && floor === 0 ? 1024 : 1)]
  }
  const unit = measure === 'bytes' ? 1024 ** Math.floor(Math.log(max) / Math.log(1024)) : 1
  const step = niceStep(span / unit, measure === 'ratio' || measure === 'share' || unit > 1) * unit
  const first = Math.floor(min / step)
  const last = Math.ceil(max / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** The ticks of lines: from 0, or near the least of their values. */
export function lineTicks(values: readonly number[], measure: Measure, { fromZero }: { fromZero: boolean }): number[] {
  const least = fromZero ? 0 : values.reduce((min, value) => Math.min(min, value), values[0] ?? 0)
  const most = values.reduce((max, value) => Math.max(max, value), 0)
  return niceTicks(least, most, measure)
}

/** The smallest round step that needs few enough ticks. It is whole unless fractions are allowed. */
function niceStep(span: number, allowsFractions: boolean): number {
  const rough = span / (MAX_TICKS - 2)
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10
  const step = factor * power
  return allowsFractions ? step : Math.max(1, Math.ceil(step))
}

/** Indices of the labels to show: evenly spaced from the first, at most `max`. */
export function spacedIndices(count: number, max: number): number[] {
  const step = Math.max(1, Math.ceil(count / max))
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step)
}

/** Labels of a chart that is wide enough for them are up to nine characters long. */
const MIN_LABEL_GAP_SHARE = 1 / 6

/**
 * Labels of positions at any distance, oldest first. From the newest back, it leaves out a label without room next to a
 * newer one, and one with the text of a newer one.
 *
 * @param positions ascending, as shares of the axis
 */
export function spacedLabels(
  positions: readonly number[],
  textOf: (index: number) => string,
): { index: number; at: number; text: string }[] {
  const labels: { index: number; at: number; text: string }[] = []
  const texts = new Set<string>()
  for (const [index, at] of [...positions.entries()].reverse()) {
    const newer = labels.at(-1)
    // Sums of shares are not exact.
    if (newer && newer.at - at < MIN_LABEL_GAP_SHARE - 1e-9) continue
    const text = textOf(index)
    if (texts.has(text)) continue
    texts.add(text)
    labels.push({ index, at, text })
  }
  return labels.reverse()
}

/** Height of a label at the end of a line, with its margin. */
const LABEL_HEIGHT_PX = 15

/**
 * How far to move the labels at the ends of lines, in pixels downwards, so that they do not overlap: the upper one
 * stays and the next moves down. Without room below, they all move up together.
 */
export function endLabelShifts(
  values: readonly (number | null)[],
  { min, max, heightPx }: { min: number; max: number; heightPx: number },
): number[] {
  const shifts = values.map(() => 0)
  const labels = values
    .flatMap((value, index) => (value === null ? [] : [{ index, y: (1 - (value - min) / (max - min)) * heightPx }]))
    .sort((a, b) => a.y - b.y)
  let nextFreeY = Number.NEGATIVE_INFINITY
  for (const { index, y } of labels) {
    const labelY = Math.max(y, nextFreeY)
    shifts[index] = labelY - y
    nextFreeY = labelY + LABEL_HEIGHT_PX
  }
  const overflowPx = Math.max(0, nextFreeY - LABEL_HEIGHT_PX - heightPx)
  return shifts.map((shift) => shift - overflowPx)
}
