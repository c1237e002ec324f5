/** Widths from which the labels of bars are chosen, as in `range-bars.module.css`, in pixels. */
const WIDTHS_PX = { narrow: 280, medium: 480, wide: 760 } as const
export type LabelWidth = keyof typeof WIDTHS_PX

/** Width of a character, and the least space between two labels. */
const CHAR_PX = 6
const GAP_PX = 8

/**
 * At which widths of the plot each bar has its label. A label begins at its bar and may continue below the next ones, so
 * with many bars only every second, third … has one: each label is whole. Nothing is measured, so the labels do not move
 * after the chart is drawn.
 */
export function labelWidths(labels: readonly string[]): LabelWidth[][] {
  const labelPx = Math.max(0, ...labels.map(({ length }) => length)) * CHAR_PX + GAP_PX
  const widths = Object.entries(WIDTHS_PX) as [LabelWidth, number][]
  const steps = widths.map(([width, plotPx]) => ({
    width,
    step: Math.max(1, Math.ceil((labelPx * labels.length) / plotPx)),
  }))
  return labels.map((_, index) =>
    steps.flatMap(({ width, step }) =>
      index % step === 0 && (index === 0 || index + step <= labels.length) ? [width] : [],
    ),
  )
}
