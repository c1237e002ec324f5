import { expect, it } from 'vitest'
import { COPY_MARK, requireKnownMigrations } from './known-migrations'
import { migrationNames } from './migrations'

const KNOWN = [...migrationNames(), 'first', 'second']

it('A database of this version, one of an earlier version and a new one are used', () => {
  for (let count = 0; count <= KNOWN.length; count += 1)
    expect(() => requireKnownMigrations(new Set(KNOWN.slice(0, count)), KNOWN)).not.toThrow()
})

it('A database that a newer version changed is refused, with what that version did', () => {
  expect(() => requireKnownMigrations(new Set([...KNOWN, 'of-tomorrow', 'of-next-week']), KNOWN)).toThrow(
    expect.objectContaining({
      code: 'database-unavailable',
      message: expect.stringMatching(/newer version .*\(of-tomorrow, of-next-week\)\. Nothing was changed\./),
    }),
  )
})

it('A database of a build from before the baseline is refused, with how its tables are carried over', () => {
  expect(() => requireKnownMigrations(new Set(['audit', 'idempotency', 'users']), KNOWN)).toThrow(
    expect.objectContaining({
      code: 'database-unavailable',
      message: expect.stringMatching(
        /before 0\.1\.0 .*Nothing was changed\. .*new home .*register .*metadata file .*FROM iceberg_tables/,
      ),
    }),
  )
})

it('A database into which a copy is not complete is refused as that, even with migrations of another version', () => {
  for (const others of [['of-tomorrow'], ['audit']]) {
    const applied = new Set([...migrationNames(), `${COPY_MARK}from sqlite`, ...others])
    expect(() => requireKnownMigrations(applied)).toThrow(
      expect.objectContaining({
        code: 'database-unavailable',
        message: expect.stringContaining('npm run lakeshore -- state copy'),
      }),
    )
  }
})
