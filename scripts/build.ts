import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { precompress } from './assets/precompress.ts'

const SOURCES = [
  'app',
  'components',
  'lib',
  'server',
  'public',
  'scripts/build-server.mjs',
  'scripts/assets/copy-wasm.mjs',
  'scripts/assets/codec-wasm.mjs',
  'scripts/assets/precompress.ts',
]
const SETTINGS = [
  'next.config.js',
  'postcss.config.cjs',
  'proxy.ts',
  'instrumentation.ts',
  'instrumentation-client.ts',
  'tsconfig.json',
  'package-lock.json',
]
/** Has a hash of the sources of the last complete build. */
export const BUILD_STAMP = 'build/stamp'

/** Builds the web server, the worker and the command line, unless the sources have not changed since the last build. */
export async function buildIfStale(): Promise<void> {
  const state = readBuildState()
  if (state === 'these') return
  // Most people build once: writing the cache takes a fifth of a build's processor time. From the second build on it
  // saves two thirds of it.
  if (state === 'none') process.env.LAKESHORE_BUILD_CACHE = 'off'
  const stamp = hashSources()
  await withProgress('Building', async () => {
    await run('node', ['scripts/assets/copy-wasm.mjs', 'scripts/assets/codec-wasm.mjs'])
    await run('node', ['scripts/build-server.mjs'])
    await run('npx', ['next', 'build'])
    precompress('.next/static')
    precompress('public/duckdb')
  })
  mkdirSync(path.dirname(BUILD_STAMP), { recursive: true })
  writeFileSync(BUILD_STAMP, stamp)
}

/** Which sources the last complete build used: these, or others. */
export function readBuildState(): 'none' | 'these' | 'other' {
  if (!existsSync(BUILD_STAMP)) return 'none'
  return readFileSync(BUILD_STAMP, 'utf8') === hashSources() ? 'these' : 'other'
}

if (import.meta.main) await buildIfStale()

/** A hash over the content of everything that the build reads; tests and generated files are not part of it. */
function hashSources(): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of [...SOURCES, ...SETTINGS].flatMap(listFiles).sort()) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function listFiles(entry: string): string[] {
  if (!existsSync(entry)) return []
  if (path.extname(entry)) return [entry]
  return readdirSync(entry, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !/\.test\.tsx?$/.test(file.name))
    .map((file) => path.join(file.parentPath, file.name))
    .filter((file) => !file.startsWith(path.join('public', 'duckdb')))
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve()
      reject(
        new Error(`${command} ${args.join(' ')} ended with code ${code}\n${Buffer.concat(chunks).toString('utf8')}`),
      )
    })
  })
}

/** Shows the running step and its time: a line that is updated on a terminal, two lines elsewhere. */
async function withProgress(label: string, work: () => Promise<void>): Promise<void> {
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  const isTerminal = process.stdout.isTTY
  if (!isTerminal) console.log(`${label} …`)
  const timer = isTerminal ? setInterval(() => process.stdout.write(`\r${label} … ${seconds()} s`), 500) : undefined
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  console.log(`${isTerminal ? '\r' : ''}${label}: done in ${seconds()} s`)
}
