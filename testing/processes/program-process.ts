import { type ChildProcessByStdio, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import type { Config } from '@/server/config/config'

export type ProgramProcess = {
  process: ChildProcessByStdio<null, Readable, null>
  /** Its output so far. */
  lines: string[]
  /** Its exit code, null when it was killed. All its lines have arrived by then. */
  ended: Promise<number | null>
}

/** Bundles one of our programs for plain Node, to run it as another process on the same home. */
export async function bundleProgram(source: string, folder: string): Promise<string> {
  const outfile = path.join(folder, 'other-process.cjs')
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    alias: { '@': process.cwd() },
    conditions: ['react-server'],
    logLevel: 'error',
  })
  return outfile
}

export function startProgram(
  { homeDir }: Pick<Config, 'homeDir'>,
  program: string,
  args: readonly string[] = [],
  { env = {}, nodeArgs = [] }: { env?: Record<string, string>; nodeArgs?: readonly string[] } = {},
): ProgramProcess {
  const child = spawn(process.execPath, [...nodeArgs, program, ...args], {
    env: { ...process.env, LAKESHORE_HOME: homeDir, LAKESHORE_LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
    new Promise((resolve) => reader.once('close', resolve)),
  ]).then(([code]) => code)
  return { process: child, lines, ended }
}
