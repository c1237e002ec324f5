import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SCHEMA } from './data.mjs'

const CLI_ARGS = ['--conditions=react-server', 'build/cli.mjs']
const WORKER_ARGS = ['--conditions=react-server', '--enable-source-maps', 'build/worker.mjs']
const SAMPLE_EVERY_MS = 10
/** The peak of memory becomes what the process has. */
const RESET_PEAK = '5'
/** Linux's unit of the counts in `/proc`. */
const CLOCK_TICK_MS = 10

/**
 * Creates a home with a running worker.
 *
 * @param folder whose `build/` the worker runs
 */
export async function startLake(folder = '.') {
  const home = mkdtempSync(path.join(tmpdir(), 'bench-ingest-'))
  const env = { ...process.env, LAKESHORE_HOME: home, LAKESHORE_LOG_LEVEL: 'error' }
  const schemaFile = path.join(home, 'schema.json')
  await runCommand('node', [...CLI_ARGS, 'init'], env)
  writeFileSync(schemaFile, JSON.stringify(SCHEMA))
  const worker = spawn('node', WORKER_ARGS, {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  // Do not leave a worker behind when the bench fails.
  process.once('exit', () => worker.kill('SIGTERM'))
  let tables = 0

  function read(sql, ...params) {
    const database = new DatabaseSync(path.join(home, 'lakeshore.db'), { readOnly: true, timeout: 5000 })
    try {
      return database.prepare(sql).get(...params)
    } finally {
      database.close()
    }
  }

  for (let attempts = 0; attempts < 200; attempts += 1) {
    if (read('SELECT count(*) AS workers FROM workers').workers > 0) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  /** A load cannot create a sorted table. */
  async function createSorted(table, sortBy) {
    const file = path.join(home, `${table}.json`)
    const columns = SCHEMA.fields.map(({ name, type }) => ({ name, type }))
    const order = { transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }
    const sortFields = sortBy.map((column) => ({ column, ...order }))
    writeFileSync(file, JSON.stringify({ columns, 'sort-fields': sortFields }))
    await runCommand('node', [...CLI_ARGS, 'table', 'create', table, '--file', file], env)
  }

  return {
    home,

    /**
     * Loads a file into a new table.
     *
     * @param options.sortBy columns of its sort order; the table is then created before the run
     * @returns the table, how long the run took, and the command that queued it and waited for it; with `/proc`, the time of the processor that the worker and its processes took,
     * in steps of 10 ms, and the peak memory and most open files of the DuckDB process
     */
    async ingest(file, { schema = SCHEMA, partitionBy = null, sortBy = [], properties = {} } = {}) {
      tables += 1
      const table = `bench.rows_${tables}`
      writeFileSync(schemaFile, JSON.stringify(schema))
      if (sortBy.length > 0) await createSorted(table, sortBy)
      const peak = watchPeaks(worker.pid)
      const startCpuMs = readCpuMs(worker.pid)
      const args = ['ingest', '--table', table, '--file', file]
      if (sortBy.length === 0) args.push('--create-schema', schemaFile)
      if (partitionBy !== null) args.push('--partition-by', partitionBy)
      for (const [name, value] of Object.entries(properties)) args.push('--property', `${name}=${value}`)
      const startedAt = performance.now()
      const { runId } = JSON.parse(await runCommand('node', [...CLI_ARGS, ...args], env))
      const commandMs = Math.round(performance.now() - startedAt)
      const run = read('SELECT started_at_ms AS began, finished_at_ms AS ended FROM runs WHERE id = ?', runId)
      return { table, tookMs: run.ended - run.began, commandMs, cpuMs: readCpuMs(worker.pid) - startCpuMs, ...peak() }
    },

    async stop() {
      worker.kill('SIGTERM')
      await new Promise((resolve) => worker.once('exit', resolve))
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** @returns the output of a program @throws with its standard error when it fails */
export function runCommand(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')}\n${stderr}`))))
  })
}

/**
 * The peaks of the child processes from now on; null without `/proc`. The kernel tracks that of memory (`VmHWM`) itself,
 * so this can only miss what a child allocates in its last moment. Open files are sampled.
 */
export function watchPeaks(pid) {
  // A process stages one load after the other.
  for (const child of listChildPids(pid)) writeFileSync(`/proc/${child}/clear_refs`, RESET_PEAK)
  let peakBytes = null
  let openFiles = null
  const timer = setInterval(() => {
    for (const child of listChildPids(pid)) {
      const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readTextFile(`/proc/${child}/status`)) ?? []
      if (kib === undefined) continue
      peakBytes = Math.max(peakBytes ?? 0, Number(kib) * 1024)
      openFiles = Math.max(openFiles ?? 0, countOpenFiles(child))
    }
  }, SAMPLE_EVERY_MS)
  return () => {
    clearInterval(timer)
    return { peakBytes, openFiles }
  }
}

/** Regular files, without pipes, sockets and events. */
function countOpenFiles(pid) {
  let openFiles = 0
  for (const descriptor of listNames(`/proc/${pid}/fd`)) {
    try {
      if (readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith('/')) openFiles += 1
    } catch {
      // It was closed in the meantime.
    }
  }
  return openFiles
}

function listNames(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Processor time of a process and of its children: those that run, and those that have ended. */
function readCpuMs(pid) {
  return [pid, ...listChildPids(pid)].map(readOwnCpuMs).reduce((sum, ms) => sum + ms, 0)
}

/** Zero if it has ended in the meantime: its parent counts it then. */
function readOwnCpuMs(pid) {
  const stat = readTextFile(`/proc/${pid}/stat`)
  if (stat === '') return 0
  // The fields after the name of the program, which may have spaces: the first is the state.
  const fields = stat.split(') ').at(-1).split(' ')
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number)
  return (user + system + childrenUser + childrenSystem) * CLOCK_TICK_MS
}

function listChildPids(pid) {
  return readTextFile(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)
}

/** Empty when the process has ended, or without `/proc`. */
function readTextFile(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
