import path from 'node:path'
import { defineConfig } from 'vitest/config'

const alias = {
  '@': path.resolve('.'),
  'server-only': path.resolve('node_modules/server-only/empty.js'),
}
const UNIT = ['{app,components,lib,server,scripts,testing}/**/*.test.{ts,tsx}']
const INTEGRATION = ['{server,lib}/**/*.integration.test.ts']
const INTEROP = ['{server,lib,testing}/**/*.interop.test.ts']

/** What runs on SQLite in `npm test`, and on PostgreSQL in `npm run test:interop`. */
const ON_POSTGRES = [
  'server/catalog/embedded/**/*.test.ts',
  'server/catalog/faults/{damaged-metadata,expired-snapshot,killed-at-each-step,large-metadata,lost-responses,two-processes}.integration.test.ts',
  'server/connections/**/*.test.ts',
  'server/http/**/*.test.ts',
  'server/iceberg-rest/**/*.test.ts',
  'server/jobs/**/*.test.ts',
  'server/maintenance/purge-table.test.ts',
  'server/table/**/*.test.ts',
  'server/worker/killed-worker.integration.test.ts',
]

/** Rooms whose own tests have to cover at least nine lines of ten (see CONTRIBUTING.md). */
const COVERED_ROOMS = [
  'lib/iceberg/**',
  'lib/scan/**',
  'server/catalog/**',
  'server/http-out/**',
  'server/ingest/**',
  'server/storage/**',
]

// The machine may be busy with other work, so the timeouts are long.
export default defineConfig({
  test: {
    // All cores: what a test waits for is mostly another process or the disk.
    maxWorkers: '100%',
    coverage: {
      provider: 'v8',
      reportsDirectory: 'coverage',
      reporter: ['text-summary', 'json-summary'],
      include: COVERED_ROOMS,
      exclude: ['**/*.test.ts'],
      thresholds: Object.fromEntries(COVERED_ROOMS.map((room) => [room, { lines: 90 }])),
    },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: UNIT,
          exclude: [...INTEGRATION, ...INTEROP],
          setupFiles: ['testing/setup/screen-timeout.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: INTEGRATION,
          globalSetup: ['testing/databases/shared-postgres.ts', 'testing/setup/build-server.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'postgres',
          include: ON_POSTGRES,
          exclude: [...INTEROP],
          env: { LAKESHORE_TEST_POSTGRES: 'newest' },
          globalSetup: ['testing/databases/shared-postgres.ts', 'testing/setup/build-server.ts'],
          setupFiles: ['testing/setup/screen-timeout.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'interop',
          include: INTEROP,
          globalSetup: ['testing/databases/shared-postgres.ts'],
          // Servers and engines of others, each with a machine's worth of appetite.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
