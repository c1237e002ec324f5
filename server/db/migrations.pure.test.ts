import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { MIGRATION_NAMES, MIGRATIONS } from './migrations'
import { SQLITE_MIGRATIONS } from './sqlite/migrations'

it('Every migration has a name of its own, by which a database knows that it was applied', () => {
  expect(new Set(MIGRATION_NAMES).size).toBe(MIGRATION_NAMES.length)
})

it('Every migration since PostgreSQL’s baseline changes both databases', () => {
  for (const { name, sqlite, postgres } of MIGRATIONS) {
    expect(sqlite.length, name).toBeGreaterThan(0)
    expect(postgres.length, name).toBeGreaterThan(0)
  }
})

it('No migration that was released is edited: databases that have applied it would differ from new ones', () => {
  const digest = (statements: unknown) =>
    createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 12)
  const digests = [
    ...SQLITE_MIGRATIONS.map(({ name, statements }) => `${name} ${digest(statements)}`),
    ...MIGRATIONS.map(({ name, sqlite, postgres }) => `${name} ${digest([sqlite, postgres])}`),
  ]
  expect(digests).toMatchInlineSnapshot(`
    [
      "audit 41224681adab",
      "idempotency b77845477174",
      "users dc2b5b10bf75",
      "data-file-sizes 9b431de1e672",
      "runs 98174b4f77a9",
      "tokens ae7a8dd96c27",
      "metrics-reports 8fca0518c5f0",
      "jobs e273a44cd67a",
      "connections de17ed1f84e1",
      "audit-via aa558d79cbc6",
      "audit-order d54ed56798f5",
      "table-folders 858e26993f72",
      "audit-seq aab1f0fe2b8f",
      "indexes-of-lists e80580d21326",
      "disabled-users f32d5979c0a4",
      "catalog-name 2708fb2df4c8",
      "shared-settings c446b480a9c7",
      "renamed-codes eb74a7085550",
      "audit-origin d6b537543d0d",
      "saved-queries f286dc4feaa2",
      "saved-query-parameters 33806da3bb32",
      "audit-drops 0ef7c5454735",
      "pending-writes 47b012deb98b",
      "proposals 560adc9a27b4",
      "proposal-tables 54a0e1f656ff",
      "later-runs 745e02046869",
      "access f518fd3a82f2",
      "search 1d779e229b9c",
      "identities f6573d9acfaf",
      "proposed-actions f9bed131076c",
      "audit-receivers 5322ea7246f4",
      "view-proposals 80cb9d768570",
      "sizes-of-lz4-loads cd27fb045ac7",
      "used-sign-ins 7bff95ecd55f",
    ]
  `)
})
