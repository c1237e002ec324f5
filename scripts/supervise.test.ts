import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../testing/processes/free-port.ts'
import { bundleProgram } from '../testing/processes/program-process.ts'
import { type ProcessSpec, supervise, type SupervisionLimits } from './supervise.ts'

/** Generous, because machines may be slow. */
const WAIT = { timeout: 100_000, interval: 10 }
const LIMITS: SupervisionLimits = {
  firstPauseMs: 1,
  maxPauseMs: 20,
  maxDeaths: 5,
  windowMs: 600_000,
  graceMs: 60_000,
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-supervise-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A program that writes its process id into a file, then runs the source. */
function program(name: string, source: string): ProcessSpec {
  const file = path.join(folder, `${name}.cjs`)
  const begin = `require('node:fs').writeFileSync(${JSON.stringify(pidFile(name))}, String(process.pid))`
  writeFileSync(file, `${begin}\n${source}`)
  return { name: `The ${name}`, command: process.execPath, args: [file], env: process.env, stdout: 'ignore' }
}

const STAY_RUNNING = 'setInterval(() => {}, 1_000_000)'
const pidFile = (name: string) => path.join(folder, `${name}.pid`)
const readPid = (name: string) => (existsSync(pidFile(name)) ? Number(readFileSync(pidFile(name), 'utf8')) : 0)

function start(specs: readonly ProcessSpec[], more: Partial<SupervisionLimits> = {}) {
  const said: string[] = []
  const supervision = supervise(specs, (sentence) => said.push(sentence), { ...LIMITS, ...more })
  onTestFinished(async () => {
    supervision.stop()
    await supervision.ended
  })
  return { ...supervision, said }
}

describe('A process that is killed', () => {
  it('is started again, with a message each time, and the others keep running', async () => {
    const { said, stop, ended } = start([program('web', STAY_RUNNING), program('worker', STAY_RUNNING)])
    await vi.waitUntil(() => readPid('web') > 0 && readPid('worker') > 0, WAIT)
    const other = readPid('web')
    for (let deaths = 1; deaths <= 3; deaths += 1) {
      const killed = readPid('worker')
      process.kill(killed, 'SIGKILL')
      await vi.waitUntil(() => said.length === deaths && ![0, killed].includes(readPid('worker')), WAIT)
    }
    expect(said).toEqual([
      'The worker ended by SIGKILL and is started again in 0.001 s.',
      'The worker ended by SIGKILL and is started again in 0.002 s.',
      'The worker ended by SIGKILL and is started again in 0.004 s.',
    ])
    expect(readPid('web')).toBe(other)
    expect(isRunning(other)).toBe(true)
    stop()
    expect(await ended).toBe(0)
    expect([other, readPid('worker')].map(isRunning)).toEqual([false, false])
  })

  it('is not started again while all processes are being stopped', async () => {
    const { said, stop, ended } = start([program('web', STAY_RUNNING)], {
      firstPauseMs: 1_000_000,
      maxPauseMs: 1_000_000,
    })
    await vi.waitUntil(() => readPid('web') > 0, WAIT)
    const killed = readPid('web')
    process.kill(killed, 'SIGKILL')
    await vi.waitUntil(() => said.length > 0, WAIT)
    stop()
    expect(await ended).toBe(0)
    expect(readPid('web')).toBe(killed)
  })
})

describe('A process that keeps ending', () => {
  it('is given up: the others are stopped properly, and the reason is reported', async () => {
    const [ready, stopped] = [path.join(folder, 'ready'), path.join(folder, 'stopped')]
    const web = `const fs = require('node:fs')
      process.on('SIGTERM', () => { fs.writeFileSync(${JSON.stringify(stopped)}, ''); process.exit(0) })
      fs.writeFileSync(${JSON.stringify(ready)}, '')
      ${STAY_RUNNING}`
    const worker = `const fs = require('node:fs')
      const wait = () => fs.existsSync(${JSON.stringify(ready)}) ? process.exit(3) : setTimeout(wait, 5)
      wait()`
    const { said, ended } = start([program('web', web), program('worker', worker)])
    expect(await ended).toBe(1)
    expect(said).toHaveLength(LIMITS.maxDeaths)
    expect(said.at(-1)).toMatch(/^The worker ended with code 3, and has ended 5 times .* gives up .* log/)
    expect(existsSync(stopped)).toBe(true)
    expect(isRunning(readPid('web'))).toBe(false)
  })

  it('is restarted after longer pauses, up to a bound', async () => {
    const { said, ended } = start([program('worker', 'process.exit(1)')], { maxDeaths: 8 })
    await ended
    const pauses = said.flatMap((sentence) => /again in ([\d.]+) s/.exec(sentence)?.[1] ?? [])
    expect(pauses).toEqual(['0.001', '0.002', '0.004', '0.008', '0.016', '0.02', '0.02'])
  })

  it('is not given up for deaths that are far apart', async () => {
    const { said } = start([program('worker', 'process.exit(1)')], { maxDeaths: 2, windowMs: 0 })
    await vi.waitUntil(() => said.length > 4, WAIT)
    expect(said.join()).not.toContain('gives up')
  })

  it('is given up too when it cannot even be started', async () => {
    const missingProgram = { ...program('web', ''), command: path.join(folder, 'no-such-program') }
    const { said, ended } = start([missingProgram])
    expect(await ended).toBe(1)
    expect(said.at(-1)).toContain('before it began')
  })
})

it('kills a process that does not stop, and says so', async () => {
  const isIgnoringFile = path.join(folder, 'deaf')
  const source = `process.on('SIGTERM', () => {})
    require('node:fs').writeFileSync(${JSON.stringify(isIgnoringFile)}, '')
    ${STAY_RUNNING}`
  const { said, stop, ended } = start([program('web', source)], { graceMs: 50 })
  await vi.waitUntil(() => existsSync(isIgnoringFile), WAIT)
  stop()
  expect(await ended).toBe(1)
  expect(said).toEqual(['The web did not stop within 0.05 s and is killed.'])
})

describe('When the supervisor itself is killed', () => {
  it('its processes end by themselves and free the port, even if no process reads their log', async () => {
    const port = await freePort()
    const home = path.join(folder, 'home')
    const child = await bundle(
      'child',
      `import { createServer } from 'node:net'
       import { writeFileSync } from 'node:fs'
       import { stopWhenOrphaned, abortOnStopSignal } from '@/server/startup/lifecycle'
       import { createLog } from '@/server/log'
       const log = createLog('info')
       abortOnStopSignal(new AbortController(), log)
       stopWhenOrphaned(log)
       const server = createServer().listen(${port}, '127.0.0.1', () => writeFileSync(${JSON.stringify(pidFile('child'))}, String(process.pid)))
       process.once('SIGTERM', () => server.close(() => {
         writeFileSync(${JSON.stringify(path.join(folder, 'clean'))}, '')
         process.exit(0)
       }))`,
    )
    const spec = { name: 'The child', command: process.execPath, args: [child], stdout: 'ignore' }
    const parent = await bundle(
      'parent',
      `import { supervise } from '@/scripts/supervise.ts'
       supervise([{ ...${JSON.stringify(spec)}, env: process.env }], () => {})`,
    )
    const up = spawn(process.execPath, [parent], {
      env: { ...process.env, LAKESHORE_HOME: home, LAKESHORE_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => void up.kill('SIGKILL'))
    await vi.waitUntil(() => readPid('child') > 0, WAIT)
    // The reader of the log dies first.
    up.stderr.destroy()
    up.kill('SIGKILL')
    await vi.waitUntil(() => !isRunning(readPid('child')), WAIT)
    expect(existsSync(path.join(folder, 'clean'))).toBe(true)
  })
})

async function bundle(name: string, source: string): Promise<string> {
  const file = path.join(folder, `${name}.cjs`)
  writeFileSync(file, readFileSync(await bundleProgram(source, folder)))
  return file
}

/** A zombie, whose parent has not waited for it, does not count as running. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false // ps reports this by its exit code
  }
}
