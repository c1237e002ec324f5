import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { home } from './personas'

export type CliResult = { code: number | null; stdout: string; stderr: string }

/** `env` is added to the environment of the tests. */
type CliOptions = { input?: string; env?: Record<string, string> }

/** Runs the command line on the home of the tests and returns its exit code and output. */
export function tryCli(args: readonly string[], { input = '', env = {} }: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('node', ['--conditions=react-server', 'build/cli.mjs', ...args], {
      env: { ...process.env, LAKESHORE_HOME: home(), ...env },
    })
    const result: CliResult = { code: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...result, code }))
    child.stdin.end(input)
  })
}

/** Like {@link tryCli}, for commands that have to succeed. @throws when the exit code is not 0 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const result = await tryCli(args, options)
  if (result.code !== 0) throw new Error(`lakeshore ${args.join(' ')} ended with ${result.code}\n${result.stderr}`)
  return result
}

/** Adds a user who may sign in. */
export async function addUser(username: string, role: 'viewer' | 'editor' | 'admin', password: string): Promise<void> {
  await runCli(['user', 'add', username, '--role', role, '--password-stdin'], { input: `${password}\n` })
}

/** Creates a table from CSV text with the command line. @returns the id of the new snapshot */
export function createTripsTable(table: string, csv: string): Promise<string> {
  return createTable(table, TRIP_FIELDS, csv)
}

/** Like {@link createTripsTable}, with the given columns. */
export async function createTable(table: string, fields: readonly Field[], csv: string): Promise<string> {
  const file = path.join(home(), `${table}.json`)
  const numberedFields = fields.map((field, index) => ({ required: false, ...field, id: index + 1 }))
  await writeFile(file, JSON.stringify({ type: 'struct', 'schema-id': 0, fields: numberedFields }))
  return ingest(table, csv, ['--create-schema', file])
}

/** Loads more trips into a table. @returns the id of the new snapshot */
export function appendTrips(table: string, csv: string): Promise<string> {
  return ingest(table, csv, [])
}

async function ingest(table: string, csv: string, extraArgs: readonly string[]): Promise<string> {
  const { stdout } = await runCli([
    'ingest',
    '--table',
    table,
    '--file',
    await writeInputFile(table, csv),
    ...extraArgs,
  ])
  return (JSON.parse(stdout) as { snapshotId: string }).snapshotId
}

/** Writes text to a file that the command line can load. @returns its path */
export async function writeInputFile(name: string, text: string): Promise<string> {
  const file = path.join(home(), `${name}-${process.hrtime.bigint()}.csv`)
  await writeFile(file, text)
  return file
}

type Field = { name: string; type: string; required?: boolean; doc?: string }

const TRIP_FIELDS: readonly Field[] = [
  { name: 'id', type: 'long', required: true },
  { name: 'city', type: 'string' },
  { name: 'fare', type: 'decimal(9, 2)' },
]

/** Trips `from` to `from + count - 1` as CSV with a header. */
export function tripsCsv(from: bigint, count: number): string {
  const rows = Array.from({ length: count }, (_, step) => `${from + BigInt(step)},city ${step % 5},${step}.25`)
  return ['id,city,fare', ...rows].join('\n')
}
