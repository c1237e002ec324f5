import { expect, it } from 'vitest'
import { COPY_MARK, requireKnownMigrations } from './known-migrations'
import { MIGRATION_NAMES } from './migrations'

it('A database of this version, and one of an earlier version, is used', () => {
  expect(() => requireKnownMigrations(new Set(MIGRATION_NAMES))).not.toThrow()
  expect(() => requireKnownMigrations(new Set(MIGRATION_NAMES.slice(0, 3)))).not.toThrow()
  expect(() => requireKnownMigrations(new Set())).not.toThrow()
})

it('A database that a newer version changed is refused, with what that version did', () => {
  expect(() => requireKnownMigrations(new Set([...MIGRATION_NAMES, 'of-tomorrow', 'of-next-week']))).toThrow(
    expect.objectContaining({
      code: 'database-unavailable',
      message: expect.stringMatching(/newer version .*\(of-tomorrow, of-next-week\)\. Nothing was changed\./),
    }),
  )
})

it('A database into which a copy is not complete is refused as that, even with migrations of a newer version', () => {
  const applied = new Set([...MIGRATION_NAMES, `${COPY_MARK}from sqlite`, 'of-tomorrow'])
  expect(() => requireKnownMigrations(applied)).toThrow(
    expect.objectContaining({
      code: 'database-unavailable',
      message: expect.stringContaining('lakeshore state copy'),
    }),
  )
})
