import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import config from '@/vitest.config'

/**
 * Each test is in the project that fits its needs, by its room and its name (see CONTRIBUTING.md). Files of `pure` and
 * `dom` may not reach outside the process, and no file may change state that later files in its process share.
 */

type Project = { name: string; include: readonly string[]; exclude: readonly string[] }

/** `postgres` repeats tests of other projects. */
const PROJECTS = (config.test?.projects ?? []).flatMap((project): Project[] => {
  if (typeof project !== 'object' || !('test' in project) || project.test?.name === 'postgres') return []
  const { name, include = [], exclude = [] } = project.test ?? {}
  return [{ name: typeof name === 'string' ? name : (name?.label ?? ''), include, exclude }]
})

const TEST_FILES = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts', '*.test.tsx'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

function projectsOf(file: string): string[] {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => path.matchesGlob(file, pattern))
  return PROJECTS.filter(({ include, exclude }) => matches(include) && !matches(exclude)).map(({ name }) => name)
}

it('runs each test file in one project', () => {
  const misplaced = TEST_FILES.map((file) => ({ file, projects: projectsOf(file) })).filter(
    ({ projects }) => projects.length !== 1,
  )
  expect(misplaced).toEqual([])
})

/** The specs with a flow that `npm test` runs, and what each flow shows from its beginning to its end. */
const JOURNEYS = {
  'admin-connects-a-catalog': 'a connected catalog: its form and test, a table of it, and its removal',
  'admin-grants-access': 'grants: a new user, the first sign-in, a request for access, and a revoked grant',
  'analyst-filters-rows': 'the first rows of a table, a filter with what it skipped, and the profile of a column',
  'analyst-proposes-changes': 'a proposal by two people, from the tray to the history',
  'analyst-queries-on-the-server': 'SQL in the browser and on the server, compared with native DuckDB',
  'analyst-travels-back-in-time': 'a table as of a snapshot, by a shared link too, and back',
  'editor-changes-compression': 'compression: a codec, its commit, the next load, and the dashboard',
  'editor-loads-files': 'a load with rejects, and the load of the corrected rows',
  'editor-rolls-back': 'a rollback after its impact, and its undo',
  'engineer-changes-columns': 'columns: five changes in one commit, the rows under new names, and the undo',
  'engineer-changes-the-layout': 'partitioning: a simulated layout, its commit, and the undo',
  'engineer-publishes-a-branch': 'a branch with a check that fails, then passes, and its publication',
  'everyone-finds-their-way': 'exploring and finding: the tree, the palette and keys',
  'operator-reads-dashboards': 'dashboards: figures of a period, the chart, and the commits behind them',
  'visitor-signs-in': 'sign-in that leads to the requested page',
}

const MAX_JOURNEYS = 15

it('runs few journeys in `npm test`, each for another part of the product', () => {
  const specs = globSync('e2e/*.spec.ts')
  expect(specs.length).toBeGreaterThan(40)
  const journeys = specs.flatMap((spec) =>
    [...readFileSync(spec, 'utf8').matchAll(/@journey\b/g)].map(() => path.basename(spec, '.spec.ts')),
  )
  expect(journeys.toSorted()).toEqual(Object.keys(JOURNEYS))
  expect(journeys.length).toBeLessThanOrEqual(MAX_JOURNEYS)
})

/** `a/{b,c}` as `a/b` and `a/c`. */
function expandBraces(pattern: string): string[] {
  const [, before = '', names, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern) ?? []
  return names === undefined ? [pattern] : names.split(',').flatMap((name) => expandBraces(before + name + after))
}

it('names only files that exist where it repeats tests on PostgreSQL', () => {
  const projects = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === 'object' && 'test' in project && project.test?.name === 'postgres' ? [project.test] : [],
  )
  const patterns = projects.flatMap(({ include = [] }) => include.flatMap(expandBraces))
  expect(patterns.length).toBeGreaterThan(20)
  expect(patterns.filter((pattern) => !TEST_FILES.some((file) => path.matchesGlob(file, pattern)))).toEqual([])
})

/** Modules through which a test reaches a disk, a process, a network or native code. */
const OUTSIDE_MODULES = [
  /^node:(child_process|cluster|dgram|dns|fs|http|http2|https|module|net|os|readline|sqlite|tls|worker_threads)(\/|$)/,
  /^@duckdb\/(node-api|node-bindings)/,
  /^pg$/,
]

/**
 * Calls that would affect the later test files of the same process. Stubs, timers and environment variables are
 * restored, see `testing/setup/restore-globals.ts`.
 */
const SHARED_STATE = [/\bvi\.(do)?mock\(/i, /\bprocess\.chdir\(/]

const filesOf = (...names: string[]) => TEST_FILES.filter((file) => names.includes(projectsOf(file)[0] ?? ''))
const memoryOnlyFiles = filesOf('pure', 'dom')
const sharingFiles = [...memoryOnlyFiles, ...filesOf('server', 'exhaustive', 'integration')]

describe('A test that shares its process with others', () => {
  it('reaches nothing outside it in `pure` and `dom`, not even through what it imports', () => {
    expect(memoryOnlyFiles.length).toBeGreaterThan(100)
    const imports = memoryOnlyFiles.flatMap((file) =>
      findOutsideImports(file).map(([importer, name]) => `${file}: ${importer} imports ${name}`),
    )
    expect(imports).toEqual([])
  })

  it('replaces no module and leaves no working folder that another file sees', () => {
    expect(sharingFiles.length).toBeGreaterThan(300)
    const changes = sharingFiles.flatMap((file) => {
      const text = readFileSync(file, 'utf8')
      return SHARED_STATE.flatMap((pattern) => (pattern.test(text) ? [`${file}: ${pattern.source}`] : []))
    })
    expect(changes).toEqual([])
  })
})

it('says in its title when a test is skipped without another program', () => {
  const silent = TEST_FILES.flatMap((file) =>
    // A skip by kind of database does not depend on installed programs.
    [...readFileSync(file, 'utf8').matchAll(/\b(?:describe|it|test)\.skipIf\((?!isOnPostgres)(?:[^()]|\([^()]*\))*\)/g)]
      .filter(
        ({ index, input, 0: call }) => !/^[^'"`]*(['"`])[^\n]*skipped/.test(titleAfter(input, index + call.length)),
      )
      .map(({ 0: call }) => `${file}: ${call}`),
  )
  expect(silent).toEqual([])
})

/** The code from the title on. Of `.each([…])('title'`, the title follows the rows. */
function titleAfter(code: string, index: number): string {
  const rest = code.slice(index)
  return rest.startsWith('.each(') ? rest.slice(rest.indexOf(')(')) : rest
}

it('never passes without its program, instead of being skipped', () => {
  const silent = TEST_FILES.filter((file) => file.endsWith('.interop.test.ts')).filter((file) =>
    /^\s*if \(\w+ === null\) return$|^if \(\w+\) \{$/m.test(
      readFileSync(file, 'utf8').replace(/skipIf\([^\n]*\n\s*if \(\w+ === null\) return\n/, ''),
    ),
  )
  expect(silent).toEqual([])
})

describe('The search for imports', () => {
  it('finds what a test of the server reaches, also through another file', () => {
    expect(findOutsideImports('testing/project/test-projects.test.ts').map(([, name]) => name)).toContain('node:fs')
    const indirect = findOutsideImports('server/http/tokens.test.ts').filter(
      ([importer]) => !importer.endsWith('.test.ts'),
    )
    expect(indirect.length).toBeGreaterThan(0)
  })
})

/** Pairs of a file and a module outside that it imports, over everything that `file` imports at run time. */
function findOutsideImports(file: string): [string, string][] {
  const found: [string, string][] = []
  const seen = new Set([file])
  for (const importer of seen) {
    for (const name of readImports(importer)) {
      if (OUTSIDE_MODULES.some((pattern) => pattern.test(name))) found.push([importer, name])
      const imported = resolveImport(importer, name)
      if (imported !== null) seen.add(imported)
    }
  }
  return found
}

const importsByFile = new Map<string, string[]>()

function readImports(file: string): string[] {
  const known = importsByFile.get(file)
  if (known) return known
  // Imports of types do not exist at run time.
  const code = readFileSync(file, 'utf8').replaceAll(/^(import|export) type [^'"]*['"][^'"]+['"]/gm, '')
  const names = [
    ...code.matchAll(/^(?:import|export|\}) ?[^'"\n]*?(?:from )?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm),
  ]
  const imports = names.map(([, statik, dynamic]) => statik ?? dynamic ?? '')
  importsByFile.set(file, imports)
  return imports
}

function resolveImport(importer: string, name: string): string | null {
  const base = name.startsWith('@/')
    ? name.slice(2)
    : name.startsWith('.')
      ? path.join(path.dirname(importer), name)
      : null
  if (base === null) return null
  const candidates = [base, `${base}.ts`, `${base}.tsx`, path.join(base, 'index.ts')]
  return candidates.find((one) => /\.(ts|tsx|mjs)$/.test(one) && existsSync(one) && statSync(one).isFile()) ?? null
}
