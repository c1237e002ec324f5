import { expect, it } from 'vitest'
import { placeLabels } from './place-labels'

const EDGE = { left: 60, right: 300 }

it('writes a label at the right of its point, and at the left where the chart ends', () => {
  const points = [
    { x: 100, y: 50, name: 'zstd 3' },
    { x: 290, y: 20, name: 'snappy' },
  ]
  expect(placeLabels(points, EDGE)).toEqual([
    { x: 108, y: 54, anchor: 'start' },
    { x: 282, y: 24, anchor: 'end' },
  ])
})

it('writes over no other point and no other label', () => {
  const points = [
    { x: 103, y: 100, name: 'zstd 3' },
    { x: 140, y: 99, name: 'brotli 5' },
  ]
  const [chosen, other] = placeLabels(points, EDGE)
  // At the height of its point it would be over the other point.
  expect(Math.abs((chosen?.y ?? 104) - 104)).toBeGreaterThanOrEqual(8)
  expect(Math.abs((chosen?.y ?? 0) - (other?.y ?? 0))).toBeGreaterThanOrEqual(12)
})

it('leaves out a label that would be too far from its point', () => {
  const points = Array.from({ length: 12 }, (_, index) => ({ x: 100, y: 50, name: `zstd ${index}` }))
  const placed = placeLabels(points, { left: 60, right: 160 })
  expect(placed[0]).not.toBeNull()
  expect(placed).toContain(null)
})
