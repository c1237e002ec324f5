import { describe, expect, it } from 'vitest'
import { findCircles, readImports } from './room-imports'
import { drawRoomsMap, FLOORS, roomOf } from './rooms-map'

const imports = readImports()

it('draws the current rooms in docs/rooms.md', async () => {
  expect(imports.length).toBeGreaterThan(5_000)
  await expect(drawRoomsMap(imports)).toMatchFileSnapshot('../../docs/rooms.md')
})

it.each(Object.keys(FLOORS))('The rooms of %s form no circle, types included', (floor) => {
  expect(findCircles(imports, (file) => roomOf(floor, file))).toEqual([])
})

it.each(Object.keys(FLOORS))('Every file of %s is in a room of its own or in none', (floor) => {
  const folders = imports
    .flat()
    .filter((file) => file.startsWith(`${floor}/`) && file.split('/').length > floor.split('/').length + 1)
    .filter((file) => roomOf(floor, file) === null)
  expect(folders).toEqual([])
})

describe('The search for circles', () => {
  const roomOfPath = (file: string) => file.split('/')[0] ?? null

  it('finds rooms that import each other by way of others', () => {
    const circle = [
      ['a/1.ts', 'b/1.ts'],
      ['b/2.ts', 'c/1.ts'],
      ['c/2.ts', 'a/2.ts'],
      ['c/2.ts', 'd/1.ts'],
      ['d/1.ts', 'd/2.ts'],
    ] as const
    expect(findCircles(circle, roomOfPath)).toEqual([['a', 'b', 'c']])
  })

  it('tells circles apart', () => {
    const pairs = [
      ['a/1.ts', 'b/1.ts'],
      ['b/1.ts', 'a/1.ts'],
      ['b/1.ts', 'c/1.ts'],
      ['c/1.ts', 'd/1.ts'],
      ['d/1.ts', 'c/2.ts'],
    ] as const
    expect(findCircles(pairs, roomOfPath)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })
})
