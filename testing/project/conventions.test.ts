import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { findModuleState, usesGlobalObject } from './module-state'
import { listSources, parseSource, readSource, type Source, walk } from './sources'

/** Rules of the repository that no compiler checks. */

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

function filesMatching(pattern: RegExp): string[] {
  const files = tracked.filter((file) => pattern.test(file))
  expect(files, String(pattern)).not.toEqual([])
  return files
}

it('The project pins every dependency to one version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  expect(loose).toEqual([])
})

it('The project names no registry in the lock file, so each machine uses its own', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved": "http')
})

it('The project has no dead links in its documents', () => {
  const deadLinks = filesMatching(/\.md$/).flatMap((file) =>
    [...stripCode(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(path.join(path.dirname(file), decodeURI(target))))
      .map((target) => `${file}: ${target}`),
  )
  expect(deadLinks).toEqual([])
})

const MAX_SOURCES_PER_FOLDER = 25

it(`The project has at most ${MAX_SOURCES_PER_FOLDER} sources in a folder, so that a room stays one thought`, () => {
  const ownFiles = filesMatching(/^(app|components|lib|scripts|server|testing)[/].*[.][cm]?[jt]sx?$/).filter(
    (file) => !/[.](test|interop)[.]tsx?$|[.]d[.]ts$/.test(file),
  )
  const byFolder = Map.groupBy(ownFiles, (file) => path.dirname(file))
  expect(byFolder.size).toBeGreaterThan(200)
  const crowded = [...byFolder].filter(([, files]) => files.length > MAX_SOURCES_PER_FOLDER)
  // A folder with more is divided by noun.
  expect(crowded.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
})

it('The project gives every decision its headings', () => {
  for (const file of filesMatching(/^docs\/decisions\/\d{3}-.*\.md$/)) {
    const text = readFileSync(file, 'utf8')
    for (const heading of ['Date', 'Status', 'Context', 'Decision', 'Consequences'])
      expect(text, file).toContain(`**${heading}**`)
  }
})

const MAKERS = new Set(['readConfig', 'openDatabase', 'createServices', 'createProgram'])
const ANY_MAKER = new RegExp([...MAKERS].join('|'))

const TIMER_FUNCTIONS = new Set(['setTimeout', 'setInterval'])
const TIME_MODULES = /^(node:)?(timers|timers[/]promises|perf_hooks)$/

const sourceFiles = [
  ...listSources('{lib,server,components,app}/**/*.{ts,tsx}'),
  ...listSources('{instrumentation,proxy}.ts'),
]
const fileByModule = new Map(sourceFiles.map((file) => [file.replace(/[.]tsx?$/, ''), file]))
/** Modules of which another one calls a function while it loads. */
const calledModules = new Map<string, Source>()
/**
 * The findings in each file of the product, which is parsed once. Its syntax tree is not stored: those of all files take
 * more than a gigabyte.
 */
const sources = sourceFiles.map((file) => {
  const source = readSource(file)
  return {
    file,
    isServerOnly: isServerOnly(source),
    readsEnvironment: readsEnvironment(source),
    createsServices: createsServices(source),
    usesMachineTime: file.startsWith('server/') && usesMachineTime(source),
    usesGlobalObject: usesGlobalObject(source),
    state: /^(lib|server|components)[/]/.test(file) ? findModuleState(source, findCalledModule) : [],
  }
})
const ofServer = sources.filter(({ file }) => file.startsWith('server/'))

function findCalledModule(module: string): Source | undefined {
  const file = fileByModule.get(module)
  if (file === undefined) return undefined
  const known = calledModules.get(file)
  if (known) return known
  const source = readSource(file)
  calledModules.set(file, source)
  return source
}

it('The project keeps every file of the server out of the browser', () => {
  // Plain Node runs these files directly.
  const withoutCondition = ['file-watch', 'writer-connection', 'writer-thread'].map(
    (name) => `server/db/sqlite/${name}.ts`,
  )
  expect(ofServer.length).toBeGreaterThan(500)
  expect(ofServer.filter((source) => !source.isServerOnly).map(({ file }) => file)).toEqual(withoutCondition)
})

it('The project reads settings in one module', () => {
  expect(ofServer.filter((source) => source.readsEnvironment).map(({ file }) => file)).toEqual([
    'server/config/settings.ts',
  ])
})

it('The project has one clock for the server, which tests replace', () => {
  expect(ofServer.filter((source) => source.usesMachineTime).map(({ file }) => file)).toEqual([
    'server/timing/clock.ts',
  ])
})

it('The project waits in tests for as long as a busy machine takes: Vitest alone gives up after a second', () => {
  const waiting = filesMatching(/[.]tsx?$/).filter((file) => readFileSync(file, 'utf8').includes('vi.wait'))
  expect(waiting.filter((file) => waitsBriefly(readSource(file)))).toEqual([])
  const waits = (text: string) => waitsBriefly(parseSource('a.test.ts', text))
  expect(waits('await vi.waitFor(() => expect(n).toBe(1))')).toBe(true)
  expect(waits('await vi.waitUntil(() => n > 0, { timeout: 60_000 })')).toBe(false)
})

it('The project creates services only where programs begin', () => {
  expect(
    sources
      .filter((source) => source.createsServices)
      .map(({ file }) => file)
      .toSorted(),
  ).toEqual([
    'instrumentation.ts',
    'server/cli/run-process.ts',
    'server/program/create-program.ts',
    'server/program/create-services.ts',
    'server/web/main.ts',
    'server/worker/main.ts',
  ])
})

it('The project uses the global object only for what Next and a query process need', () => {
  expect(sources.filter((source) => source.usesGlobalObject).map(({ file }) => file)).toEqual([
    // A query process has no network: `fetch` sends to its parent.
    'server/engines/duckdb/process/run-in-process.ts',
    // The slot through which Next's copies of our modules find the program.
    'server/program/slot.ts',
  ])
})

it('The project keeps its state in services and sessions, not in modules', () => {
  const found = sources.flatMap(({ state }) => state).map(({ id }) => id)
  // Entries of this list that no longer exist have to be removed.
  expect(found.toSorted()).toEqual(Object.values(STATE_OF_MODULES).flat().toSorted())
})

/** State that stays in modules, by the reason for it. */
const STATE_OF_MODULES = {
  'A process begins here.': [
    'server/cli/run-process.ts#opened',
    'server/cli/run-process.ts#stop',
    'server/web/main.ts#program',
  ]
    .concat(['server/worker/main.ts#services', 'server/worker/main.ts#stop'])
    .concat([
      'server/engines/duckdb/process/query-child.ts#handle',
      'server/ingest/run/duckdb-child.ts#lane',
      'server/ingest/run/duckdb-child.ts#sessions',
    ]),
  'A thread or worker begins here, and the module is all that it runs.': [
    'server/table/rows/rows-thread.ts#handle',
    'server/parquet/transcode/thread/chunk-thread.ts#handle',
    'lib/client/comparison/comparison.worker.ts#serve',
    'lib/client/duckdb/decode.worker.ts#handleRequest',
    'lib/client/inspection/inspection.worker.ts#serve',
    'lib/client/rows/export/export.worker.ts#serve',
    'lib/client/rows/rows.worker.ts#serve',
  ],
  'Time is the same for the whole process. Only tests replace it, each until its end.': [
    'server/timing/clock.ts#current',
  ],
  'Next has copies of the module; this one place is where they find the program.': [
    'server/program/slot.ts#processGlobal',
  ],
  'Filled when the module loads, never changed later.': [
    'server/http-out/metadata-addresses.ts#METADATA',
    'server/web/serve-directly.ts#STREAMS',
  ],
  'Derived from the key alone, and gone with it, so the owner of the key owns the entry.': [
    'server/auth/actor.ts#indexes',
    'server/auth/sign-in/session-cookie.ts#CACHES',
    'server/iceberg-rest/load-table-result.ts#jsonByMetadata',
    'server/storage/s3/request-signer.ts#keyProviders',
    'lib/client/call/page-transport.ts#transports',
    'lib/query/session/zones.ts#installedByEngine',
    'lib/scan/predicate/complement.ts#COMPLEMENTS',
    'lib/scan/predicate/value-test.ts#COMPARABLES',
    'lib/scan/read/leaf-vector.ts#COPIED_DICTIONARIES',
  ],
  'Results of pure functions that are slow in the engine, by zone or type; any program would find the same.': [
    'lib/format/time.ts#formatterOf',
    'lib/iceberg/schema/zoned-time.ts#formatterOf',
    'lib/iceberg/schema/zoned-time.ts#offsets',
    'lib/iceberg/schema/zoned-time.ts#zoneTransitions',
    'lib/ingest/text-value.ts#patternCache',
  ],
  'Registers of one computation without a pause, set before they are read.': [
    'lib/parquet/write/thrift-writer.ts#reused',
    'lib/parquet/xxhash64.ts#a',
    'lib/parquet/xxhash64.ts#b',
    'lib/parquet/xxhash64.ts#c',
    'lib/parquet/xxhash64.ts#d',
    'lib/parquet/xxhash64.ts#hash',
    'lib/parquet/xxhash64.ts#lane',
    'lib/parquet/xxhash64.ts#word',
  ],
  'Ids of one process ascend within a millisecond; they are random otherwise, so programs may share the source.': [
    'server/db/audit.ts#newAuditId',
    'server/db/catalog/proposals.ts#newProposalId',
    'server/db/jobs/runs.ts#newRunId',
    'server/data-files/write/data-file-name.ts#newFileId',
    'server/maintenance/rewrite-files/rewrite-run.ts#newFileId',
    'server/query/saved-queries.ts#newQueryId',
  ],
  'The one page of a browser: code and workers that it has loaded, and what its user does in it.': [
    'components/explore/new-table/file-panel.tsx#lastRead',
    'components/load/run/opened-run.ts#openedRunId',
    'components/shell/navigation/lazy-palette.tsx#loaded',
    'components/shell/navigation/lazy-palette.tsx#shownPalette',
    'components/shell/navigation/typed-ahead.ts#typed',
    'components/shell/time-zone/time-zone-dialog.tsx#listed',
    'components/ui/controls/menu-opener.ts#opener',
    'components/ui/use-panel-focus.ts#lastFocused',
    'components/ui/use-panel-focus.ts#openPanels',
    'components/ui/values/use-now.ts#listeners',
    'components/ui/values/use-now.ts#nowMs',
    'components/ui/values/use-now.ts#timer',
    'lib/api/call-endpoint.ts#loading',
    'lib/client/inspection/inspection-worker.ts#inspectionWorker',
    'lib/client/jobs/handed-over-load.ts#last',
    'lib/client/query/query-run.ts#loading',
    'lib/client/query/query-run.ts#unfinished',
    'lib/client/query/sql-functions.ts#isRequested',
    'lib/client/query/sql-functions.ts#known',
    'lib/client/query/tab-runs.ts#finishedIds',
    'lib/client/query/tab-runs.ts#isSignedOut',
    'lib/client/query/tab-runs.ts#listeners',
    'lib/client/query/tab-runs.ts#runners',
    'lib/client/rows/row-worker.ts#rowWorker',
    'lib/client/session/sign-out-tasks.ts#tasks',
    'lib/client/stored-results.ts#lastWrite',
    'lib/client/table/dropped-files.ts#lastId',
    'lib/client/table/dropped-files.ts#listeners',
    'lib/client/table/dropped-files.ts#state',
    'lib/client/table/unfinished-edits.ts#listeners',
    'lib/client/table/unfinished-edits.ts#unfinished',
    'lib/client/uploads/begun-uploads.ts#begun',
    'lib/client/uploads/held-files.ts#held',
    'lib/client/uploads/held-files.ts#lastId',
    'lib/client/uploads/held-files.ts#listeners',
    'lib/client/uploads/use-uploads.ts#current',
    'lib/load-code.ts#awaitedCount',
    'lib/load-code.ts#listeners',
    'lib/time-zone.ts#choice',
    'lib/time-zone.ts#listeners',
  ],
  'What this browser stores for its user, in memory as well.': [
    'lib/client/query/preview-setting.ts#settings',
    'lib/client/query/query-history.ts#histories',
    'lib/client/series-colours.ts#colours',
    'lib/client/table/column-layouts.ts#layouts',
    'lib/client/table/pending-changes.ts#edits',
    'lib/client/uploads/stored-uploads.ts#stored',
  ],
} as const satisfies Record<string, readonly string[]>

describe('The check of state in modules', () => {
  const stateIn = (text: string, others: Record<string, string> = {}) =>
    findModuleState(parseSource('lib/x.ts', text), (file) => {
      const other = others[file]
      return other === undefined ? undefined : parseSource(`${file}.ts`, other)
    }).map(({ id, kind }) => `${id} ${kind}`)

  it.each([
    ['let count = 0', 'count let'],
    ['export var { a } = b()', 'a let'],
    ['const cache = new Map<string, number>()\nexport const put = () => cache.set("a", 1)', 'cache collection'],
    ['export const NAMES = new Set(["a"])', 'NAMES collection'],
    ['const CACHE = new WeakMap<object, string>()', 'CACHE collection'],
    ['const NAMES = new Set(["a"])\nfill(NAMES)\nNAMES.add("b")', 'NAMES collection'],
    ['const POOL = new MemoryPool(1)', 'POOL object'],
    ['const POOLS = [new MemoryPool(1)]', 'POOLS object'],
    ['const list: string[] = []\nexport function add() { list.push("a") }', 'list mutated'],
    ['const byName: Record<string, number> = {}\nexport function add(n: string) { byName[n] = 1 }', 'byName mutated'],
    ['const seen = { at: 0 }\nexport const see = () => { seen.at++ }', 'seen mutated'],
    ['export function once() { once.done = true }\n', 'once mutated'],
    ['export class A { static last = 0 }', 'A.last static'],
    ['const newId = monotonicFactory()', 'newId factory'],
    ['function make() { let n = 0\n return () => ++n }\nconst next = make()', 'next factory'],
  ])('finds the state of %j', (text, found) => {
    expect(stateIn(text)).toEqual([`lib/x.ts#${found}`])
  })

  it('finds what a function of another module remembers', () => {
    const make = 'export function make() { const all = new Map()\n return (k: string) => { all.set(k, 1) } }'
    expect(stateIn("import { make as m } from './make'\nconst put = m()", { 'lib/make': make })).toEqual([
      'lib/x.ts#put factory',
    ])
  })

  it.each([
    'const LIMIT = 10',
    'const NAMES = new Set(["a"])\nexport const isName = (n: string) => NAMES.has(n)',
    'export const NAMES: ReadonlySet<string> = new Set(["a"])',
    'const PATTERN = new RegExp("a")',
    'const EMPTY: readonly string[] = []',
    'const names: string[] = []\nexport function list() { const names: string[] = []\n names.push("a")\n return names }',
    'function make() { const n = 1\n return () => n }\nconst one = make()',
    'export class A { static readonly LAST = 0 }',
    'export function f() { let n = 0\n n += 1\n return n }',
  ])('accepts %j', (text) => {
    expect(stateIn(text)).toEqual([])
  })

  it('tells the global object from a type in it', () => {
    const uses = (text: string) => usesGlobalObject(parseSource('lib/x.ts', text))
    expect(uses('const shared = globalThis as { pool?: object }')).toBe(true)
    expect(uses('global.pool = 1')).toBe(true)
    expect(uses('const move = (event: globalThis.PointerEvent) => event')).toBe(false)
    expect(uses('const rule = { global: true }')).toBe(false)
  })
})

it('The checks of the server find what they forbid, and nothing in comments', () => {
  const source = (text: string) => parseSource('server/x.ts', text)
  expect(isServerOnly(source("// why\nimport 'server-only'\nimport a from 'a'"))).toBe(true)
  expect(isServerOnly(source("import a from 'a'\nimport 'server-only'"))).toBe(false)
  expect(readsEnvironment(source('export const port = process.env.PORT'))).toBe(true)
  expect(readsEnvironment(source('export const { env } = process'))).toBe(true)
  expect(readsEnvironment(source('/** Not process.env. */ export const port = 1'))).toBe(false)
  expect(createsServices(source('export const s = createServices(config)'))).toBe(true)
  expect(createsServices(source('export function createServices() {} // createServices()'))).toBe(false)
})

describe('The check of time in the server', () => {
  const usesTime = (text: string) => usesMachineTime(parseSource('server/x.ts', text))

  it.each([
    'export const now = () => Date.now()',
    'export const read = (nowMs = Date.now) => nowMs()',
    'export const today = new Date()',
    'const startMs = performance.now()',
    'const { now } = performance',
    'setTimeout(work, 10)',
    'globalThis.setInterval(work, 10)',
    'const signal = AbortSignal.timeout(10)',
    "import { setTimeout as wait } from 'node:timers/promises'",
    "import * as timers from 'timers/promises'",
    "import { performance } from 'node:perf_hooks'",
  ])('finds %j', (text) => {
    expect(usesTime(text)).toBe(true)
  })

  it.each([
    "import { setImmediate } from 'node:timers/promises'",
    'const at = new Date(nowMs)',
    '/** Not Date.now(), nor setTimeout(). */ export const nowMs = clock.nowMs()',
    'socket.setTimeout(0)',
    'const message = "setTimeout(f, 1)"',
  ])('accepts %j', (text) => {
    expect(usesTime(text)).toBe(false)
  })
})

function waitsBriefly({ root }: Source): boolean {
  let isBrief = false
  walk(root, (node) => {
    if (ts.isCallExpression(node) && /^vi[.]wait(For|Until)$/.test(node.expression.getText())) {
      if (node.arguments.length < 2) isBrief = true
    }
  })
  return isBrief
}

function isServerOnly({ root }: Source): boolean {
  const [first] = root.statements
  return (
    first !== undefined &&
    ts.isImportDeclaration(first) &&
    ts.isStringLiteral(first.moduleSpecifier) &&
    first.moduleSpecifier.text === 'server-only'
  )
}

function readsEnvironment({ root }: Source): boolean {
  if (!/\bprocess\b/.test(root.text)) return false
  let isRead = false
  walk(root, (node) => {
    if (!ts.isIdentifier(node) || node.text !== 'process') return
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node && parent.name.text === 'env') isRead = true
    if (ts.isVariableDeclaration(parent) && /\benv\b/.test(parent.name.getText())) isRead = true
  })
  return isRead
}

/** Whether it reads the time, or waits for it, other than by the clock of the server. */
function usesMachineTime({ root }: Source): boolean {
  if (!/\bDate\b|\bperformance\b|\bset(Timeout|Interval)\b|\bAbortSignal\b|\btimers\b|perf_hooks/.test(root.text))
    return false
  let isUsed = false
  walk(root, (node) => {
    if (ts.isImportDeclaration(node)) isUsed ||= importsTime(node)
    else if (ts.isNewExpression(node)) isUsed ||= node.expression.getText() === 'Date' && !node.arguments?.length
    else if (ts.isIdentifier(node)) isUsed ||= isMachineTime(node)
  })
  return isUsed
}

function importsTime({ moduleSpecifier, importClause }: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(moduleSpecifier) || !TIME_MODULES.test(moduleSpecifier.text)) return false
  const bindings = importClause?.namedBindings
  // A turn of the event loop takes no time.
  return !(
    bindings &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every(({ propertyName, name }) => (propertyName ?? name).text === 'setImmediate')
  )
}

function isMachineTime({ text, parent }: ts.Identifier): boolean {
  const owner = ts.isPropertyAccessExpression(parent) && parent.name.text === text ? parent.expression.getText() : null
  if (TIMER_FUNCTIONS.has(text)) return (owner === null || owner === 'globalThis') && !ts.isTypeNode(parent)
  if (text === 'performance') return (owner === null || owner === 'globalThis') && !ts.isTypeNode(parent)
  if (text === 'now') return owner === 'Date'
  return text === 'timeout' && owner === 'AbortSignal'
}

function createsServices({ root }: Source): boolean {
  if (!ANY_MAKER.test(root.text)) return false
  let isMaker = false
  walk(root, (node) => {
    if (ts.isCallExpression(node) && MAKERS.has(node.expression.getText())) isMaker = true
  })
  return isMaker
}

/** A document without its code, in which text may look like a link. */
function stripCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
}
