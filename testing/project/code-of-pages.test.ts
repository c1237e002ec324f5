import { build } from 'esbuild'
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The forms of a new table read a text that the user gives as a table, and validate it. */
const READERS_OF_TEXTS = [
  'components/explore/new-table/new-table-form.tsx',
  'components/explore/new-table/paste-panel.tsx',
]

type Imports = Readonly<Record<string, { imports: readonly { path: string; kind: string }[] }>>

/** The imports of everything that runs in browsers, as the bundler sees them: without types. */
async function readBrowserImports(): Promise<Imports> {
  const entryPoints = globSync('{components,lib/client}/**/*.{ts,tsx}').filter((file) => !/[.]test[.]tsx?$/.test(file))
  const { metafile } = await build({
    entryPoints,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    packages: 'external',
    loader: { '.css': 'empty' },
    metafile: true,
    write: false,
    outdir: 'unwritten',
    logLevel: 'error',
  })
  return metafile.inputs
}

const imports = await readBrowserImports()

/** The module and everything that is loaded with it. */
function loadedWith(file: string): string[] {
  const loaded = new Set([file])
  for (const one of loaded)
    for (const { path, kind } of imports[one]?.imports ?? []) if (kind !== 'dynamic-import') loaded.add(path)
  return [...loaded]
}

/** The modules that need zod, or a module that needs it, when they are loaded. */
function modulesWithZod(): Set<string> {
  const found = new Set(['zod'])
  for (let known = 0; known < found.size; ) {
    known = found.size
    for (const [file, { imports: imported }] of Object.entries(imports))
      if (imported.some(({ path, kind }) => kind !== 'dynamic-import' && found.has(path))) found.add(file)
  }
  return found
}

test('Pages load zod and the contract to send a change or to read a text, and by themselves none', () => {
  const withZod = modulesWithZod()
  expect(withZod.has('lib/contract/jobs.ts'), 'the contract is made of zod').toBe(true)
  expect([...withZod].filter((file) => /^(components|lib\/client)\//.test(file)).toSorted()).toEqual(READERS_OF_TEXTS)
  const loading = Object.entries(imports).flatMap(([file, { imports: imported }]) =>
    imported
      .filter(({ path, kind }) => kind === 'dynamic-import' && withZod.has(path))
      .map(({ path }) => `${file} loads ${path}`),
  )
  expect(loading.toSorted()).toEqual([
    'components/explore/new-table/new-table-page.tsx loads components/explore/new-table/new-table-form.tsx',
    'components/explore/new-table/source-panel.tsx loads components/explore/new-table/paste-panel.tsx',
    'lib/api/call-endpoint.ts loads lib/api/endpoints.ts',
  ])
})

test.each([
  {
    what: 'codecs, Avro and filters with the first file that needs them',
    file: 'lib/client/rows/rows.worker.ts',
    needs: 'lib/scan/read/data-file.ts',
    onDemand: [
      'pako',
      'brotli-dec-wasm/web',
      'lib/client/codecs/avro-blocks.ts',
      'lib/scan/read/avro/avro-file.ts',
      'lib/client/rows/serve-filtered-rows.ts',
    ],
  },
  {
    what: 'the details of a row when one is opened',
    file: 'components/table/rows/row-grid.tsx',
    needs: 'components/table/rows/row-panels.tsx',
    onDemand: ['components/table/rows/detail/row-detail.tsx'],
  },
  {
    what: 'changes of a layout when there are some',
    file: 'components/table/partitioning/table-layout.tsx',
    needs: 'components/table/partitioning/use-layout-edits.ts',
    onDemand: ['lib/changes/intents/intent-changes.ts'],
  },
])('A page loads $what', ({ file, needs, onDemand }) => {
  const loaded = loadedWith(file)
  expect(loaded).toContain(needs)
  for (const one of onDemand) {
    expect(loaded, file).not.toContain(one)
    const isKnown = Object.values(imports).some(({ imports: all }) => all.some(({ path }) => path === one))
    expect(isKnown, `${one} is part of a page`).toBe(true)
  }
})
