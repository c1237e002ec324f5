import { expect, it } from 'vitest'
import { labelWidths } from './bar-labels'

/** The labels that a plot of a width shows. */
function shown(labels: readonly string[], width: string): string[] {
  return labelWidths(labels).flatMap((widths, index) =>
    widths.some((one) => one === width) ? (labels[index] ?? []) : [],
  )
}

const POWERS = ['1.00 KiB', '2.00 KiB', '4.00 KiB', '8.00 KiB', '16.0 KiB', '32.0 KiB', '64.0 KiB', '128 KiB']
const SIZES = [...POWERS, '256 KiB', '512 KiB', '1.00 MiB']

it('Every bar of a wide plot has a label, and every second or third bar of a narrower one', () => {
  expect(shown(SIZES, 'wide')).toEqual(SIZES)
  expect(shown(SIZES, 'medium')).toEqual(['1.00 KiB', '4.00 KiB', '16.0 KiB', '64.0 KiB', '256 KiB'])
  expect(shown(SIZES, 'narrow')).toEqual(['1.00 KiB', '8.00 KiB', '64.0 KiB'])
})

it('Each label has the width of the bars up to the next one, and the last label that up to the end', () => {
  for (const count of [1, 2, 5, 11, 30, 60]) {
    const labels = Array.from({ length: count }, (_, index) => `${index + 100} KiB`)
    const widthPx = { narrow: 280, medium: 480, wide: 760 }
    for (const width of ['narrow', 'medium', 'wide'] as const) {
      const positions = labelWidths(labels).flatMap((widths, index) => (widths.includes(width) ? [index] : []))
      const ends = [...positions.slice(1), count]
      const roomPx = positions.map((at, index) => (((ends[index] ?? 0) - at) * widthPx[width]) / count)
      expect(positions[0]).toBe(0)
      expect(Math.min(...roomPx)).toBeGreaterThanOrEqual(7 * 6)
    }
  }
})
