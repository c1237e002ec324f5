import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { defineConfig } from 'vitest/config'

const alias = {
  '@': path.resolve('.'),
  'server-only': path.resolve('node_modules/server-only/empty.js'),
}
/** Which tests need what, by room and name; CONTRIBUTING.md explains it, and `testing/project` checks it. */
const PURE = ['{app,components,lib}/**/*.test.ts', 'server/**/*.pure.test.ts']
const DOM = ['{app,components,lib}/**/*.test.tsx']
const SERVER = ['{server,scripts,testing}/**/*.test.ts', '{app,components,lib}/**/*.server.test.ts']
/** The same as `server`, over every case of a large matrix or corpus. */
const EXHAUSTIVE = ['{app,lib,scripts,server,testing}/**/*.exhaustive.test.ts']
const INTEGRATION = ['{server,lib,scripts}/**/*.integration.test.ts']
const INTEROP = ['{server,lib,testing}/**/*.interop.test.ts']
/** Tests of the whole product or of several rooms. All others belong to the room next to them. */
const INTEROP_OF_PRODUCT = ['testing/**/*.interop.test.ts']
const NOT_SERVER = ['**/*.{pure,exhaustive,integration,interop}.test.ts']

/** Files of one process share their modules, so no test replaces a module. */
const SHARED_THREAD = { pool: 'threads', isolate: false } as const
/** A thread has neither a working folder nor signals of its own, and tests of the server need both. */
const SHARED_PROCESS = { pool: 'forks', isolate: false } as const
/**
 * More processes than cores: tests also wait for the disk, for other processes, for pauses in typing and for timeouts of
 * the product.
 */
const MAX_WORKERS = Math.ceil(availableParallelism() * 1.5)

/** Measures each test file, and therefore comes before other setup files. */
const FILE_TIME = 'testing/setup/file-time.ts'

/** Those with Spark, Trino or Flink. */
const WITH_ENGINES = globSync(INTEROP).filter((file) =>
  /\b(installPyspark|installTrino|installEngines|FLINK_JARS)\b/.test(readFileSync(file, 'utf8')),
)
/** Servers of others, one file at a time: the files of a project share engines. */
const OTHER_PROGRAMS = {
  setupFiles: [FILE_TIME],
  globalSetup: ['testing/databases/shared-postgres.ts', 'testing/peers/shared/start-peers.ts'],
  fileParallelism: false,
  testTimeout: 600_000,
  hookTimeout: 600_000,
}

/** Python keeps its compiled modules: without them each start takes twice the processor time. */
const OTHER_PROGRAMS_ENV = { PYTHONDONTWRITEBYTECODE: '', PYTHONPYCACHEPREFIX: path.resolve('.cache/python') }

/**
 * Tests that run on SQLite, and again on PostgreSQL in the part `postgres` of `npm run test:whole`, because they depend on locks,
 * leases, order, transactions or refusals of the database. All others reach it only through `server/db`, which passes
 * one suite on both and leaves the same rows (`server/db/postgres/{conformance,row-for-row}.interop.test.ts`).
 */
const ON_POSTGRES = [
  'server/access/many-{grants,members}.test.ts',
  'server/audit/forward/forward-audit.test.ts',
  'server/catalog/embedded/**/*.test.ts',
  'server/catalog/faults/{killed-at-each-step,killed-commit,lost-responses,two-processes}.integration.test.ts',
  'server/changes/actions/{change-table,ref-safety}.test.ts',
  'server/changes/actions/{faults,killed-picks}.integration.test.ts',
  'server/changes/proposals/{namespace-proposals,proposals,proposed-load}.test.ts',
  'server/db/audit-search.test.ts',
  'server/db/facts/history-tables/history-rows.test.ts',
  'server/http/{hostile-requests.exhaustive,oversized-rows,readiness,serve-events,verbs-*}.test.ts',
  'server/iceberg-rest/{audit,idempotent-request,paging,routes,size-limits.exhaustive}.test.ts',
  'server/ingest/run/killed-landings.integration.test.ts',
  'server/jobs/{events-of-another-process,two-workers}.integration.test.ts',
  'server/jobs/{run-watch,schedule-loop,tidy-runs}.test.ts',
  'server/maintenance/killed-writes.integration.test.ts',
  'server/maintenance/{purge-table,settle-writes}.test.ts',
  'server/search/{crawl-catalog,list-badges,names-of-other-case,search-lake}.test.ts',
  'server/table/commit/run-operation.test.ts',
  'server/table/objects/warehouse-page.test.ts',
  'server/jobs/outage.test.ts',
  'server/worker/killed-worker.integration.test.ts',
]

/** Rooms whose own tests have to cover at least nine lines of ten (see CONTRIBUTING.md). */
const COVERED_ROOMS = [
  // Rules that were one room, and what loads write: each group as a whole.
  'lib/{iceberg,changes,layout}/**',
  'lib/parquet/**',
  'lib/scan/**',
  'server/catalog/**',
  'server/http-out/**',
  'server/{ingest,data-files,table-writes}/**',
  'server/storage/**',
]

/** Short, so that a test that hangs is reported soon. A CI machine may be busy with other work, so it waits longer. */
function timeouts(seconds: number): { testTimeout: number; hookTimeout: number } {
  const timeoutMs = seconds * 1000 * (process.env.CI === 'true' ? 4 : 1)
  return { testTimeout: timeoutMs, hookTimeout: timeoutMs }
}

export default defineConfig({
  test: {
    maxWorkers: MAX_WORKERS,
    // Modules are transformed once, for all projects and later runs. Another lockfile empties the cache.
    fsModuleCache: true,
    fsModuleCachePath: '.cache/vitest',
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
          name: 'pure',
          include: PURE,
          exclude: ['**/*.{server,exhaustive,integration,interop}.test.ts'],
          setupFiles: [FILE_TIME, 'testing/setup/restore-globals.ts'],
          ...SHARED_THREAD,
          ...timeouts(30),
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'dom',
          include: DOM,
          environment: 'happy-dom',
          setupFiles: [
            FILE_TIME,
            'testing/setup/restore-globals.ts',
            'testing/setup/settle-imports.ts',
            'testing/setup/no-network.ts',
            'testing/setup/screen-timeout.ts',
            'testing/setup/no-owner-stacks.ts',
          ],
          ...SHARED_THREAD,
          ...timeouts(30),
        },
      },
      {
        // Next renders no page here: a test sets the request of the page whose parts it calls.
        resolve: { alias: { ...alias, 'next/headers': path.resolve('testing/next/headers.ts') } },
        test: {
          name: 'server',
          include: SERVER,
          exclude: NOT_SERVER,
          setupFiles: [FILE_TIME, 'testing/setup/restore-globals.ts'],
          ...SHARED_PROCESS,
          ...timeouts(60),
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'exhaustive',
          include: EXHAUSTIVE,
          env: { PROPERTY_CASES: 'all' },
          setupFiles: [FILE_TIME, 'testing/setup/restore-globals.ts'],
          ...SHARED_PROCESS,
          ...timeouts(60),
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: INTEGRATION,
          setupFiles: [FILE_TIME, 'testing/setup/restore-globals.ts'],
          globalSetup: ['testing/databases/shared-postgres.ts', 'testing/setup/build-server.ts'],
          ...SHARED_PROCESS,
          ...timeouts(120),
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'postgres',
          include: ON_POSTGRES,
          exclude: ['**/*.pure.test.ts', ...INTEROP],
          env: { LAKESHORE_TEST_POSTGRES: 'newest', PROPERTY_CASES: 'all' },
          setupFiles: [FILE_TIME, 'testing/setup/restore-globals.ts'],
          globalSetup: ['testing/databases/shared-postgres.ts', 'testing/setup/build-server.ts'],
          ...SHARED_PROCESS,
          ...timeouts(120),
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'interop',
          include: INTEROP,
          exclude: [...WITH_ENGINES, ...INTEROP_OF_PRODUCT],
          env: { ...OTHER_PROGRAMS_ENV, TEST_LOG_FOLDER: 'rooms' },
          ...OTHER_PROGRAMS,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'interop-product',
          include: INTEROP_OF_PRODUCT,
          exclude: WITH_ENGINES,
          env: { ...OTHER_PROGRAMS_ENV, TEST_LOG_FOLDER: 'product' },
          ...OTHER_PROGRAMS,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'engines',
          include: WITH_ENGINES,
          env: { ...OTHER_PROGRAMS_ENV, TEST_LOG_FOLDER: 'engines' },
          ...OTHER_PROGRAMS,
        },
      },
    ],
  },
})
