import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build, type BuildOptions } from 'esbuild'

export type MainName = 'worker' | 'cli'

/**
 * Bundles one of our programs into a file for this test only, because other tests may bundle theirs at the same time.
 */
export async function bundleMain(name: MainName, bundle: string): Promise<string> {
  return bundleAs(bundle, { entryPoints: [path.resolve(`server/${name}/main.ts`)] })
}

/** The same of a program that a test has as text. */
export async function bundleText(text: string, bundle: string): Promise<string> {
  return bundleAs(bundle, { stdin: { contents: text, resolveDir: process.cwd(), loader: 'ts' } })
}

async function bundleAs(bundle: string, input: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string> {
  const outfile = `build/${bundle}.mjs`
  await build({
    ...input,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['react-server'],
    alias: { '@': process.cwd() },
    external: PACKAGES_WITH_BINARIES,
    banner: { js: COMMONJS },
    logLevel: 'error',
  })
  return outfile
}

/** They find their files next to their own. All others are bundled: one file starts with 40 % less processor time. */
const PACKAGES_WITH_BINARIES = ['@duckdb/*', 'lz4-napi', 'snappy', 'pg-native', 'next', 'react', 'react-dom']
/** Bundled packages call it. */
const COMMONJS = "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"

/** Starts a bundled program as in production, and collects its output. */
export function startMain(bundle: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return startCommand('node', ['--conditions=react-server', bundle, ...args], env)
}

/** Starts a program and collects its output. */
export function startCommand(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdoutLines, stderrLines]: [string[], string[]] = [[], []]
  const readers = [
    createInterface({ input: child.stdout }).on('line', (line) => stdoutLines.push(line)),
    createInterface({ input: child.stderr }).on('line', (line) => stderrLines.push(line)),
  ]
  const closed = readers.map((reader) => new Promise((resolve) => reader.once('close', resolve)))
  const exited = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  /** Its exit code, or the signal that ended it. All its lines have arrived by then. */
  const ended = Promise.all([exited, ...closed]).then(([code]) => code)
  return { process: child, out: stdoutLines, said: stderrLines, ended }
}
