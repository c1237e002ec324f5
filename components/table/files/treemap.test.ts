import { expect, it } from 'vitest'
import { layOutTreemap } from './treemap'

const areaOf = ({ width, height }: { width: number; height: number }) => width * height

it('gives tiles areas in proportion to the weights', () => {
  const weights = [60, 25, 10, 4, 1]
  const areas = layOutTreemap(weights).map(areaOf)
  areas.forEach((area, index) => expect(area / 100).toBeCloseTo(weights[index] ?? 0, 6))
})

it('fills the map without overlap', () => {
  const tiles = layOutTreemap(Array.from({ length: 40 }, (_, i) => 100 / (i + 1)))
  expect(tiles.reduce((sum, tile) => sum + areaOf(tile), 0)).toBeCloseTo(10_000, 4)
  for (const [index, tile] of tiles.entries()) {
    expect(tile.left + tile.width).toBeLessThan(100.001)
    expect(tile.top + tile.height).toBeLessThan(100.001)
    for (const other of tiles.slice(index + 1)) {
      const width = Math.min(tile.left + tile.width, other.left + other.width) - Math.max(tile.left, other.left)
      const height = Math.min(tile.top + tile.height, other.top + other.height) - Math.max(tile.top, other.top)
      expect(Math.min(width, height)).toBeLessThan(1e-6)
    }
  }
})

it('covers the whole map with a single tile', () => {
  expect(layOutTreemap([7]).map(({ width, height }) => [Math.round(width), Math.round(height)])).toEqual([[100, 100]])
  expect(layOutTreemap([])).toEqual([])
})
