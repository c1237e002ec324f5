import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { SWITCH_FILE, type SwitchState } from './switch.ts'

export type TestFile = { project: string; file: string }
export type TestRequest = { files: readonly TestFile[]; isStoppedByFailure: boolean }
/** The result of a test file; `error` is the first failure. */
export type FileResult = TestFile & { durationMs: number; error: string | null }
export type TestEvent =
  | { type: 'ready'; files: readonly TestFile[] }
  | ({ type: 'file' } & FileResult)
  | { type: 'end'; error: string | null }

export type RunResult = { results: readonly FileResult[]; isTimedOut: boolean; error: string | null }

/** A vitest of some projects in a scratch tree. It stays between runs, and is replaced after one that hung. */
export class TestProcess {
  readonly #tree: string
  readonly #projects: readonly string[]
  #started: Promise<{ child: ChildProcess; files: readonly TestFile[] }> | null = null

  constructor(tree: string, projects: readonly string[]) {
    this.#tree = tree
    this.#projects = projects
  }

  async listFiles(): Promise<readonly TestFile[]> {
    return (await this.#start()).files
  }

  /** Runs test files in the order given. */
  async run(request: TestRequest, state: SwitchState, timeoutMs: number): Promise<RunResult> {
    writeFileSync(path.join(this.#tree, SWITCH_FILE), JSON.stringify(state))
    const { child } = await this.#start()
    const results: FileResult[] = []
    const end = await new Promise<{ isTimedOut: boolean; error: string | null }>((resolve) => {
      const timer = setTimeout(() => finish({ isTimedOut: true, error: null }), timeoutMs)
      const onMessage = (event: TestEvent) => {
        if (event.type === 'file') {
          const { type: _, ...result } = event
          results.push(result)
        }
        if (event.type === 'end') finish({ isTimedOut: false, error: event.error })
      }
      const onExit = () => finish({ isTimedOut: false, error: 'the process of the tests ended' })
      const finish = (result: { isTimedOut: boolean; error: string | null }) => {
        clearTimeout(timer)
        child.off('message', onMessage)
        child.off('exit', onExit)
        resolve(result)
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.send(request)
    })
    if (end.isTimedOut || child.exitCode !== null || child.signalCode !== null) await this.stop()
    return { results, ...end }
  }

  /** Ends the process and everything that its tests started. */
  async stop(): Promise<void> {
    const started = await this.#started
    this.#started = null
    if (started?.child.pid === undefined) return
    const { child } = started
    const hasExited = child.exitCode !== null || child.signalCode !== null
    const exit = hasExited ? null : new Promise((resolve) => child.once('exit', resolve))
    try {
      process.kill(-started.child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    await exit
  }

  #start(): Promise<{ child: ChildProcess; files: readonly TestFile[] }> {
    this.#started ??= new Promise((resolve, reject) => {
      const child = spawn('node', ['scripts/seeded-faults/run-tests.ts', ...this.#projects], {
        cwd: this.#tree,
        // As the command line of vitest sets it.
        env: { ...process.env, NODE_ENV: 'test' },
        // A separate process group, to be ended with all processes that it started.
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      child.once('message', (event: TestEvent) => {
        if (event.type === 'ready') resolve({ child, files: event.files })
      })
      child.once('exit', (code) => reject(new Error(`The process of the tests ended with code ${code}.`)))
    })
    return this.#started
  }
}
