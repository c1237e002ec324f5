/** A tile in percent of the width and of the height of the map. */
export type Tile = { left: number; top: number; width: number; height: number }

/** Width to height of the whole map. */
const ASPECT = 4

/**
 * Tiles whose areas are in proportion to the weights, each as close to a square as the others allow: the squarified
 * treemap of Bruls, Huizing and van Wijk (2000).
 *
 * @param weights largest first, all above 0
 */
export function layOutTreemap(weights: readonly number[]): Tile[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const tiles: Tile[] = []
  let room = { left: 0, top: 0, width: ASPECT, height: 1 }
  let index = 0
  while (index < weights.length) {
    const side = Math.min(room.width, room.height)
    const row: number[] = []
    // A row grows as long as its worst tile becomes more square.
    for (; index < weights.length; index++) {
      const area = ((weights[index] ?? 0) / sum) * ASPECT
      if (row.length > 0 && worstRatio([...row, area], side) > worstRatio(row, side)) break
      row.push(area)
    }
    const rowArea = row.reduce((total, area) => total + area, 0)
    const isColumn = room.width >= room.height
    const depth = side === 0 ? 0 : rowArea / side
    let along = 0
    for (const area of row) {
      const length = depth === 0 ? 0 : area / depth
      tiles.push(
        isColumn
          ? toPercent({ left: room.left, top: room.top + along, width: depth, height: length })
          : toPercent({ left: room.left + along, top: room.top, width: length, height: depth }),
      )
      along += length
    }
    room = isColumn
      ? { ...room, left: room.left + depth, width: Math.max(0, room.width - depth) }
      : { ...room, top: room.top + depth, height: Math.max(0, room.height - depth) }
  }
  return tiles
}

function worstRatio(areas: readonly number[], side: number): number {
  const sum = areas.reduce((total, area) => total + area, 0)
  const most = Math.max(...areas)
  const least = Math.min(...areas)
  return Math.max((side ** 2 * most) / sum ** 2, sum ** 2 / (side ** 2 * least))
}

function toPercent({ left, top, width, height }: Tile): Tile {
  return { left: (left / ASPECT) * 100, top: top * 100, width: (width / ASPECT) * 100, height: height * 100 }
}
