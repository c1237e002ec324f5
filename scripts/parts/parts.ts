import { ALL_PEERS, type Peer } from '../steps/peer-steps.ts'
import { playwrightStep } from '../steps/e2e-step.ts'
import type { Step, StepLimits } from '../steps/step.ts'
import { vitestStep } from '../steps/vitest-step.ts'

/** A part of `npm run test:whole`: tests that `npm test` leaves out, because they take long or need other programs. */
export type Part = {
  /**
   * The folders and files whose behaviour it proves, as paths in the repository: a change of one of them makes the last
   * proof old.
   */
  rooms: readonly string[]
  /** The test files that it runs. A change of another test file in its rooms does not concern it. */
  tests: RegExp
  /** Programs of other projects that it needs. */
  peers: readonly Peer[]
  /** Whether it starts the built console. Programs without pages are built by the tests that start them. */
  needsBuild: boolean
  /** Whether its tests take every core. Parts that mostly wait for other programs run next to each other. */
  isAlone: boolean
  /** @param filters narrow its tests, as the runner takes them: a part so narrowed proves nothing */
  makeStep: (filters: readonly string[], chromium: string | null) => Step
}

/** Rooms whose own tests have to cover nine lines of ten (`vitest.config.ts`), and `changes`, which they need for it. */
const COVERED_ROOMS = [
  ...['changes', 'iceberg', 'layout', 'parquet', 'scan'].map((room) => `lib/${room}`),
  ...['catalog', 'changes', 'data-files', 'http-out', 'ingest', 'storage', 'table-writes'].map(
    (room) => `server/${room}`,
  ),
]
const OWN_PROJECTS = ['pure', 'server', 'exhaustive', 'integration']

/** The rooms of pages and their queries. */
const SHOWN_ROOMS = [
  'app',
  'components',
  'public',
  ...['client', 'contract', 'format', 'paths'].map((room) => `lib/${room}`),
]

/** Only engines need these, which are the largest. */
const ENGINE_PEERS: readonly Peer[] = ['trino', 'pyspark']
const OTHER_PEERS = ALL_PEERS.filter((peer) => !ENGINE_PEERS.includes(peer))

/** A test with other programs waits up to ten minutes (`vitest.config.ts`). */
const LIMITS: StepLimits = { totalMs: 60 * 60_000, stallMs: 12 * 60_000 }

export const PARTS = {
  coverage: {
    rooms: COVERED_ROOMS,
    tests: /(?<!\.interop)\.test\.ts$/,
    peers: [],
    needsBuild: false,
    isAlone: true,
    makeStep: (filters) =>
      vitestStep('coverage', OWN_PROJECTS, {
        hasCoverage: true,
        args: filters.length > 0 ? filters : COVERED_ROOMS.map((room) => `${room}/`),
        limits: LIMITS,
      }),
  },
  exhaustive: {
    rooms: [
      ...['api', 'changes', 'client', 'connect', 'contract', 'facts', 'iceberg', 'ingest'].map((room) => `lib/${room}`),
      ...['layout', 'parquet', 'query', 'scan', 'sql'].map((room) => `lib/${room}`),
      'components/chart',
      'lib/backoff.ts',
      ...serverRooms(
        'access',
        'auth',
        'codecs',
        'endpoints',
        'engines',
        'facts',
        'http',
        'iceberg-rest',
        'ingest',
        'maintenance',
      ),
      ...serverRooms('metrics', 'parquet', 'program', 'table'),
      'scripts/count-passes.ts',
      'testing/golden',
      'testing/parquet-corpus',
      'testing/project',
      'testing/property-cases.exhaustive.test.ts',
      'testing/property-cases.ts',
    ],
    // Other files of which `npm test` tries some cases are in the rooms.
    tests: /\.(exhaustive|property)\.test\.ts$/,
    peers: [],
    needsBuild: false,
    isAlone: true,
    makeStep: (filters) => vitestStep('exhaustive', ['exhaustive'], { args: filters, limits: LIMITS }),
  },
  integration: {
    rooms: [
      ...['ingest', 'query', 'rules', 'scan'].map((room) => `lib/${room}`),
      ...serverRooms(
        'backup',
        'catalog',
        'changes',
        'cli',
        'config',
        'create-folder.ts',
        'data-files',
        'db/sqlite',
        'demo',
        'engines',
      ),
      ...serverRooms('error-code.ts', 'http', 'ingest', 'jobs', 'lifecycle', 'load-locations', 'locations', 'log.ts'),
      ...serverRooms(
        'maintenance',
        'metrics',
        'policy',
        'processes',
        'services.ts',
        'startup',
        'storage',
        'table',
        'table-writes',
      ),
      ...serverRooms('timing', 'uploads', 'view', 'web', 'worker'),
      'scripts/build-server.mjs',
      'scripts/steps',
      'scripts/test-files',
    ],
    tests: /\.integration\.test\.ts$/,
    peers: [],
    needsBuild: false,
    isAlone: true,
    makeStep: (filters) => vitestStep('integration', ['integration'], { args: filters, limits: LIMITS }),
  },
  engines: {
    rooms: [
      ...['changes', 'connect', 'iceberg', 'ingest', 'layout', 'names'].map((room) => `lib/${room}`),
      ...['parquet', 'scan', 'sql', 'uses'].map((room) => `lib/${room}`),
      ...serverRooms('catalog', 'data-files', 'iceberg-rest', 'ingest', 'lifecycle', 'maintenance', 'parquet', 'table'),
      ...serverRooms('changes', 'table-writes', 'view'),
      ...['engines', 'golden', 'ingest', 'interop', 'peers'].map((room) => `testing/${room}`),
    ],
    tests: /\.interop\.test\.ts$/,
    peers: ALL_PEERS,
    needsBuild: true,
    isAlone: false,
    makeStep: (filters) => vitestStep('engines', ['engines'], { args: filters, limits: LIMITS }),
  },
  flows: {
    rooms: [
      ...SHOWN_ROOMS,
      ...['api', 'ingest', 'proposals', 'query', 'search'].map((room) => `lib/${room}`),
      ...serverRooms('access', 'audit', 'auth', 'changes', 'cli', 'demo', 'endpoints', 'http', 'metrics', 'policy'),
      ...serverRooms('program', 'query', 'search', 'uploads', 'web', 'worker'),
      'e2e',
      'next.config.js',
      'proxy.ts',
    ],
    tests: /^e2e\/.*\.spec\.ts$/,
    peers: [],
    needsBuild: true,
    isAlone: false,
    makeStep: (filters, chromium) => playwrightStep(chromium, filters, 'flows'),
  },
  pages: {
    rooms: [...SHOWN_ROOMS, 'e2e/support', 'server/demo', 'e2e/everyone-sees-accessible-pages.spec.ts'],
    tests: /^e2e\/everyone-sees-accessible-pages\.spec\.ts$/,
    peers: [],
    needsBuild: true,
    isAlone: false,
    makeStep: (filters, chromium) => playwrightStep(chromium, filters, 'pages'),
  },
  interop: {
    rooms: [
      ...['connect', 'iceberg', 'scan'].map((room) => `lib/${room}`),
      ...serverRooms(
        'backup',
        'catalog',
        'changes',
        'codecs',
        'connections',
        'credentials',
        'data-files',
        'db',
        'facts',
        'http',
      ),
      ...serverRooms('http-out', 'ingest', 'lifecycle', 'parquet', 'startup', 'storage'),
    ],
    tests: /^(lib|server)\/.*\.interop\.test\.ts$/,
    peers: OTHER_PEERS,
    needsBuild: true,
    isAlone: false,
    makeStep: (filters) => vitestStep('interop', ['interop'], { args: filters, limits: LIMITS }),
  },
  'interop-product': {
    rooms: [
      ...['connect', 'iceberg', 'parquet'].map((room) => `lib/${room}`),
      ...serverRooms('auth', 'catalog', 'connections', 'credentials', 'db', 'http-out', 'iceberg-rest', 'locations'),
      ...serverRooms('program', 'startup', 'storage', 'web', 'worker'),
      ...['databases', 'golden', 'interop', 'parquet-corpus', 'peers', 'product'].map((room) => `testing/${room}`),
    ],
    tests: /^testing\/.*\.interop\.test\.ts$/,
    peers: OTHER_PEERS,
    needsBuild: true,
    isAlone: false,
    makeStep: (filters) => vitestStep('interop-product', ['interop-product'], { args: filters, limits: LIMITS }),
  },
  postgres: {
    rooms: [
      ...serverRooms('access', 'audit', 'catalog', 'changes', 'db', 'http', 'iceberg-rest', 'ingest', 'jobs'),
      ...serverRooms('maintenance', 'search', 'table', 'timing', 'worker'),
    ],
    tests: /^server\/.*(?<!\.(pure|interop))\.test\.ts$/,
    peers: ['postgres'],
    needsBuild: false,
    isAlone: false,
    makeStep: (filters) => vitestStep('postgres', ['postgres'], { args: filters, limits: LIMITS }),
  },
} satisfies Record<string, Part>

export type PartName = keyof typeof PARTS
/** In the order in which a whole run starts them: the longest of those that run next to each other come first. */
export const PART_NAMES = Object.keys(PARTS) as PartName[]

export function isPartName(text: string): text is PartName {
  return Object.hasOwn(PARTS, text)
}

/** Whether a change of this file makes the last proof of a part old. */
export function concerns({ rooms, tests }: Pick<Part, 'rooms' | 'tests'>, file: string): boolean {
  const isInRooms = rooms.some((room) => file === room || file.startsWith(`${room}/`))
  return isInRooms && (tests.test(file) || !/\.(test\.tsx?|spec\.ts)$/.test(file))
}

function serverRooms(...rooms: string[]): string[] {
  return rooms.map((room) => `server/${room}`)
}
