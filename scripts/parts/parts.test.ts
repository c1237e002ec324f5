import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { concerns, PART_NAMES, type Part, PARTS } from './parts.ts'

/** The floors of `rooms.cjs`, each with its rooms in groups. */
const FLOORS = createRequire(import.meta.url)('../../rooms.cjs') as Record<string, Record<string, readonly string[]>>

const ROOMS = ['lib', 'components', 'server'].flatMap((floor) =>
  Object.values(FLOORS[floor] ?? {}).flatMap((rooms) => rooms.map((room) => `${floor}/${room}`)),
)
const TRACKED = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))
const parts = PART_NAMES.map((name): Part & { name: string } => ({ name, ...PARTS[name] }))

/** A source of the room, or the room itself if it is a file. */
function sourceOf(room: string): string {
  return room.endsWith('.ts') ? room : `${room}/source.ts`
}

describe('The parts of a whole run', () => {
  test('name every room of the product', () => {
    expect(ROOMS.length).toBeGreaterThan(60)
    expect([...ROOMS, 'app'].filter((room) => !parts.some((part) => concerns(part, sourceOf(room))))).toEqual([])
  })

  test('name only what exists', () => {
    expect(parts.flatMap(({ rooms }) => rooms).filter((room) => !existsSync(room))).toEqual([])
  })

  test('name each room that has a test of theirs alone', () => {
    const kinds = {
      exhaustive: /\.exhaustive\.test\.ts$/,
      integration: /\.integration\.test\.ts$/,
      flows: /^e2e\/.*\.spec\.ts$/,
    }
    const unnamed = Object.entries(kinds).flatMap(([name, pattern]) =>
      TRACKED.filter((file) => pattern.test(file)).filter(
        (file) => !parts.some((part) => part.name === name && concerns(part, file)),
      ),
    )
    expect(unnamed).toEqual([])
  })

  test('name each room that has a test with other programs', () => {
    const withPrograms = TRACKED.filter((file) => file.endsWith('.interop.test.ts'))
    expect(withPrograms.length).toBeGreaterThan(50)
    const ofPrograms = parts.filter(({ name }) => ['engines', 'interop', 'interop-product'].includes(name))
    expect(withPrograms.filter((file) => !ofPrograms.some((part) => concerns(part, file)))).toEqual([])
  })
})

describe('A change concerns a part', () => {
  const part = { rooms: ['lib/scan', 'server/log.ts'], tests: /\.integration\.test\.ts$/ }

  test.each([
    ['lib/scan/plan/plan-scan.ts', true],
    ['lib/scan/plan/plan-scan.test.ts', false],
    ['lib/scan/plan/plan-scan.integration.test.ts', true],
    ['lib/scanner/x.ts', false],
    ['server/log.ts', true],
    ['docs/scan.md', false],
  ])('%s: %s', (file, expected) => {
    expect(concerns(part, file)).toBe(expected)
  })
})
