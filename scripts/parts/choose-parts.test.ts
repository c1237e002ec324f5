import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { listTouchedParts, parsePartChoice } from './choose-parts.ts'
import { PART_NAMES } from './parts.ts'
import { formatProofs, type Proofs } from './proofs.ts'

const HEAD = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()

describe('The arguments of `npm run test:whole`', () => {
  test('name parts, and without any they mean all', () => {
    expect(parsePartChoice([])).toEqual({ kind: 'named', names: PART_NAMES, filters: [] })
    expect(parsePartChoice(['pages', 'flows'])).toEqual({ kind: 'named', names: ['flows', 'pages'], filters: [] })
  })

  test('narrow one part by filters of its runner', () => {
    expect(parsePartChoice(['engines', '--', 'testing/interop', '--bail=1'])).toEqual({
      kind: 'named',
      names: ['engines'],
      filters: ['testing/interop', '--bail=1'],
    })
    expect(() => parsePartChoice(['--', 'testing/interop'])).toThrow('Filters need one part')
    expect(() => parsePartChoice(['flows', 'pages', '--', 'x'])).toThrow('Filters need one part')
  })

  test('choose parts by what changed since a commit, or since each was proven', () => {
    expect(parsePartChoice(['--touched'])).toEqual({ kind: 'touched', commit: null })
    expect(parsePartChoice(['--touched', 'HEAD'])).toEqual({ kind: 'touched', commit: 'HEAD' })
  })

  test.each([
    [['flow'], 'There is no part "flow"'],
    [['--whole'], 'There is no part "--whole"'],
    [['--touched', 'HEAD', 'flows'], '--touched takes a commit'],
    [['--touched', 'no-such-commit'], 'This clone has no commit "no-such-commit".'],
  ])('are refused: %j', (args, message) => {
    expect(() => parsePartChoice(args)).toThrow(message)
  })
})

describe('A part', () => {
  const unknown = { commit: '0'.repeat(40), date: '2026-11-01' }

  test('is touched if it was never proven, or on a commit that this clone does not have', () => {
    expect(listTouchedParts({}, null)).toEqual(PART_NAMES)
    const proofs: Proofs = Object.fromEntries(PART_NAMES.map((name) => [name, unknown]))
    expect(listTouchedParts(proofs, null)).toEqual(PART_NAMES)
  })

  test('says since when it is not proven', () => {
    expect(formatProofs({})).toMatch(/^coverage +not proven yet\n/)
    expect(formatProofs({ coverage: unknown })).toMatch(
      /^coverage +not proven since 2026-11-01 \(000000000\), a commit that this clone does not have\n/,
    )
    // Whether the working tree has changes of its rooms depends on who runs this test.
    expect(formatProofs({ coverage: { commit: HEAD, date: '2026-11-02' } })).toMatch(
      /^coverage +(proven on|not proven since) 2026-11-02 \([0-9a-f]{9}\)(: \d+ files? changed)?\n/,
    )
  })
})
