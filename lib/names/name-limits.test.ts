import { expect, test } from 'vitest'
import { cutToNameLimits, enforceNameLimits, nameLimitProblem } from './name-limits'

const levels = (count: number) => Array.from({ length: count }, () => 'a')

test('a namespace has at most 100 levels', () => {
  expect(nameLimitProblem({ namespace: levels(100) })).toBeNull()
  expect(nameLimitProblem({ namespace: levels(60_000) })).toBe(
    'A namespace has at most 100 levels, and this one has 60000.',
  )
})

test.each(['catalog', 'namespace', 'table'])('a name of the %s has at most 255 characters', (kind) => {
  const names = (name: string) => ({ [kind]: kind === 'namespace' ? ['a', name] : name })
  expect(nameLimitProblem(names('x'.repeat(255)))).toBeNull()
  const refused = expect.objectContaining({
    code: 'invalid-request',
    message: `A name has at most 255 characters, and "${'x'.repeat(40)}…" has 256.`,
  })
  expect(() => enforceNameLimits(names('x'.repeat(256)))).toThrow(refused)
})

test('names that are cut are within the limits, and others stay as they are', () => {
  const names = { catalog: 'local', namespace: ['a', 'b'], table: 't', other: 1 }
  expect(cutToNameLimits(names)).toEqual(names)
  const cut = cutToNameLimits({ catalog: 'local', namespace: [...levels(200), 'b'], table: 'x'.repeat(300) })
  expect(nameLimitProblem(cut)).toBeNull()
  expect(cut).toEqual({ catalog: 'local', namespace: levels(100), table: `${'x'.repeat(254)}…` })
})
