import { rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

/**
 * Packages that are loaded from `node_modules`: with native code, with files of their own, or shared with Next. All
 * others are bundled: a command of the command line would open more than a thousand files before it does anything.
 */
const NOT_BUNDLED = [
  'next',
  'react',
  'react-dom',
  '@duckdb/node-bindings',
  'brotli-dec-wasm',
  'lz4-napi',
  'snappy',
  'vega-datasets',
  // Loaded on first use, and in the older format: esbuild gives `import()` of such a package its default export alone.
  '@aws-sdk/credential-provider-node',
  'google-auth-library',

  // An optional part of `pg` that is not installed.
  'pg-native',
]

// Their names change with their content, so that those of earlier builds would stay.
rmSync('build/chunks', { recursive: true, force: true })
// The command line compiles into it.
rmSync('build/compiled', { recursive: true, force: true })

/**
 * Bundles the programs that plain Node runs: the web server, the worker, the command line, the processes of DuckDB, and
 * the threads that read rows.
 */
const { metafile } = await build({
  entryPoints: {
    web: 'server/web/main.ts',
    worker: 'server/worker/main.ts',
    cli: 'server/cli/main.ts',
    'duckdb-child': 'server/ingest/run/duckdb-child.ts',
    'query-child': 'server/engines/duckdb/process/query-child.ts',
    'rows-thread': 'server/table/rows/rows-thread.ts',
    'chunk-thread': 'server/parquet/transcode/thread/chunk-thread.ts',
    'writer-thread': 'server/db/sqlite/writer-thread.ts',
  },
  outdir: 'build',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // Code that several programs share is bundled once.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  // A stack names files and lines. Every process reads the maps of what it loads.
  sourcesContent: false,
  // server-only throws without this condition, which marks server code.
  conditions: ['react-server'],
  alias: { '@': path.resolve('.') },
  external: NOT_BUNDLED,
  // Packages in the older format require others, and modules have no such function.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
  metafile: true,
})

for (const [importer, { imports }] of Object.entries(metafile.inputs))
  for (const { path: imported, kind, external } of imports)
    if (kind === 'dynamic-import' && !external && metafile.inputs[imported].format === 'cjs')
      throw new Error(`${importer} loads ${imported}, which has to be in NOT_BUNDLED: its named exports get lost.`)

// DuckDB runs in the worker, the command line and processes of its own: it is larger than the whole web server. Only
// programs that write files need the other two.
const NOT_OF_WEB = ['@duckdb/node-bindings', 'lz4-napi', 'snappy']
const ofWeb = new Set(['build/web.mjs'])
for (const output of ofWeb)
  for (const { path: imported, kind, external } of metafile.outputs[output].imports) {
    if (NOT_OF_WEB.includes(imported)) throw new Error(`The web server loads ${imported}, by ${output}.`)
    if (!external && kind === 'import-statement') ofWeb.add(imported)
  }
