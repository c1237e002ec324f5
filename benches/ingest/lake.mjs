import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SCHEMA } from './data.mjs'

const CLI_ARGS = ['--conditions=react-server', 'build/cli.mjs']
const WORKER_ARGS = ['--conditions=react-server', '--enable-source-maps', 'build/worker.mjs']
const SAMPLE_EVERY_MS = 10
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
  return {
    home,

    /**
     * Loads a file into a new table.
     *
     * @returns how long the run took, and the command that queued it and waited for it; with `/proc`, the time of the processor that the worker and its processes took,
     * in steps of 10 ms, and the peak memory and most open files of the DuckDB process
     */
    async ingest(file, { partitionBy = null } = {}) {
      tables += 1
      const peak = watchPeaks(worker.pid)
      const startCpuMs = readCpuMs(worker.pid)
      const args = ['ingest', '--table', `bench.rows_${tables}`, '--file', file, '--create-schema', schemaFile]
      const partition = partitionBy === null ? [] : ['--partition-by', partitionBy]
      const startedAt = performance.now()
      const { runId } = JSON.parse(
        await runCommand('node', [...CLI_ARGS, ...args, ...partition], env),
      )
      const commandMs = Math.round(performance.now() - startedAt)
      const run = read('SELECT started_at_ms AS began, finished_at_ms AS ended FROM runs WHERE id = ?', runId)
      return { tookMs: run.ended - run.began, commandMs, cpuMs: readCpuMs(worker.pid) - startCpuMs, ...peak() }
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
 * The peaks of the child processes; null without `/proc`. The kernel tracks that of memory (`VmHWM`) itself, so this can
 * only miss what a child allocates in its last moment. Open files are sampled.
 */
export function watchPeaks(pid) {
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

/** Processor time of a process, and of its children that have ended. */
function readCpuMs(pid) {
  // The fields after the name of the program, which may have spaces: the first is the state.
  const fields = readTextFile(`/proc/${pid}/stat`).split(') ').at(-1).split(' ')
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
