import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { MIGRATIONS, migrationNames } from './migrations'
import { BASELINE as POSTGRES_BASELINE } from './postgres/baseline'
import { BASELINE as SQLITE_BASELINE } from './sqlite/baseline'

it('Every migration has a name of its own, by which a database knows that it was applied', () => {
  expect(new Set(migrationNames()).size).toBe(MIGRATIONS.length + 1)
})

/** An index that SQLite does not need. */
const ONLY_POSTGRES = ['sums-by-period']

it('The baseline, and every migration after it, changes both databases', () => {
  for (const { name, sqlite, postgres } of [
    { name: 'baseline', sqlite: SQLITE_BASELINE, postgres: POSTGRES_BASELINE },
    ...MIGRATIONS,
  ]) {
    expect(sqlite.length > 0, name).toBe(!ONLY_POSTGRES.includes(name))
    expect(postgres.length, name).toBeGreaterThan(0)
  }
})

it('Neither the baseline nor a later migration is edited: databases that have applied it would differ from new ones', () => {
  const digest = (statements: unknown) =>
    createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 12)
  const digests = [
    `baseline ${digest([SQLITE_BASELINE, POSTGRES_BASELINE])}`,
    ...MIGRATIONS.map(({ name, sqlite, postgres }) => `${name} ${digest([sqlite, postgres])}`),
  ]
  expect(digests).toMatchInlineSnapshot(`
    [
      "baseline 2983022d799f",
      "proposals-of-namespaces 63359a1426c5",
      "run-field-names 69181f0a9ae0",
      "saved-query-versions b0b07494f55e",
      "bulk-changes 7d07db98c518",
      "snapshot-writers 137297d54289",
      "shortcuts c4a3ae5e9ba2",
      "password-sign-ins 823539a9e8ac",
      "service-accounts 0044a10c3522",
      "token-rotation 718ab1444a14",
      "bulk-table-versions 63dd8bbbdfed",
      "sizes-of-indexed-tables 1e13ca0ad113",
      "table-clients 9e8676f3a8a2",
      "proposals-of-bulk-changes 7e158a9c6fea",
      "audit-by-time 9a96d1b9e956",
      "uploads 65d2e4d4a437",
      "uploads-of-proposals d3a7d87aa5e2",
      "saved-work 8931884bb182",
      "loaded-files 21bc1662f040",
      "connections-of-queries 46895bb4f59e",
      "facts 84a43db3d78a",
      "storage 12a832a12e82",
      "commit-details 8e62be6c08e8",
      "file-sizes 708c776e195b",
      "rhythms-of-tables 5bc4216a05b8",
      "sums-by-period a7c13e80b89f",
      "storage-cuts 12669aafdec6",
      "partitions a045f7b7977c",
      "lanes-of-runs d948f762b01a",
      "loaded-inputs 0849d533efac",
      "awaited-uploads b2d209a9cc23",
    ]
  `)
})
