import { createRequire } from 'node:module'
import path from 'node:path'
import type { RoomImport } from './room-imports'

/** The groups of a floor's rooms, from the lowest to the highest. */
type Groups = Readonly<Record<string, readonly string[]>>

export const FLOORS = createRequire(import.meta.url)(path.resolve('rooms.cjs')) as Readonly<Record<string, Groups>>

/** The room of a floor that a file is in; null for a file outside its rooms. */
export function roomOf(floor: string, file: string): string | null {
  if (!file.startsWith(`${floor}/`)) return null
  const [room = ''] = file.slice(floor.length + 1).split('/')
  return Object.values(FLOORS[floor] ?? {}).some((rooms) => rooms.includes(room)) ? room : null
}

/**
 * A document with a picture of each floor that has groups: the groups from top to bottom, with their rooms, and an
 * arrow to every group below that one of them imports. Inner floors are lists.
 */
export function drawRoomsMap(imports: readonly RoomImport[]): string {
  const [pictured, listed] = [true, false].map((hasGroups) =>
    Object.entries(FLOORS).filter(([, groups]) => Object.keys(groups).length > 1 === hasGroups),
  )
  return [
    '# Rooms',
    '',
    'This page shows the rooms and the directions of their imports, drawn from `rooms.cjs` and the code. A room may import only rooms that are named before it: in a lower group, or further left in its own. `npx vitest run --project server testing/project/rooms-map.test.ts -u` updates this page. The reasons are in [001](decisions/001-rooms-and-directions.md).',
    '',
    ...(pictured ?? []).flatMap(([floor, groups]) => drawFloor(floor, groups, imports)),
    '## Inside rooms',
    '',
    '| Room | Its rooms, from the lowest to the highest |',
    '|---|---|',
    ...(listed ?? []).map(
      ([floor, groups]) =>
        `| \`${floor}\` | ${Object.values(groups)
          .flat()
          .map((room) => `\`${room}\``)
          .join(', ')} |`,
    ),
    '',
  ].join('\n')
}

function drawFloor(floor: string, groups: Groups, imports: readonly RoomImport[]): string[] {
  const names = Object.keys(groups).toReversed()
  const groupOf = (file: string) => {
    const room = roomOf(floor, file)
    return room === null ? -1 : names.findIndex((name) => groups[name]?.includes(room))
  }
  const arrows = new Set(
    imports
      .map(([from, to]) => [groupOf(from), groupOf(to)] as const)
      .filter(([from, to]) => from !== to && from !== -1 && to !== -1)
      .map(([from, to]) => `  g${from} --> g${to}`),
  )
  return [
    `## ${floor}`,
    '',
    '```mermaid',
    'flowchart TD',
    ...names.map((name, index) => `  g${index}["<b>${name}</b><br>${groups[name]?.join(' · ')}"]`),
    ...[...arrows].toSorted(),
    '```',
    '',
  ]
}
