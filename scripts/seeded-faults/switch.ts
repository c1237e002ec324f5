import path from 'node:path'

/**
 * Which seeded fault is in effect, for the sources of a scratch tree and for every process that runs them. Tests start
 * some processes without their environment, so the choice is in files at the root of the tree.
 */
export const SWITCH_FILE = '.seeded-fault.json'
/** The test file that runs at the moment, for code that it reaches in other processes. */
export const TEST_FILE = '.seeded-fault-test.json'

export type SwitchState = {
  /** The number of the fault in effect, or null. */
  seeded: number | null
  /** The folder with a file for each test file, of the faults that it reaches; null if that is not asked. */
  reachFolder: string | null
}
/** `isLoading` while the modules of a test file are loaded, before its tests. */
export type RunningTest = { name: string; isLoading: boolean }
type Switch = SwitchState & { root: string; test: RunningTest | null; reached: Set<number> }

const KEY = Symbol.for('lakeshore.seeded-fault')
type Holder = { [KEY]?: Switch }

// Tests mock these modules for their imports; the switch needs the real ones.
const fs = process.getBuiltinModule('node:fs')

/**
 * Whether the fault with this number is in effect. The sources of a scratch tree call it.
 *
 * @public
 */
export function isSeeded(number: number): boolean {
  const current = (globalThis as Holder)[KEY] ?? load()
  if (current.reachFolder !== null && !current.reached.has(number)) recordReach(current, current.reachFolder, number)
  return current.seeded === number
}

/** Notes which test file runs in this process from now on, and reads which fault is in effect. */
export function setRunningTest(test: RunningTest): void {
  const current = load()
  current.test = test
  if (current.reachFolder !== null) fs.writeFileSync(path.join(current.root, TEST_FILE), JSON.stringify(test))
}

function load(): Switch {
  const root = findRoot(import.meta.dirname)
  const state: SwitchState = JSON.parse(fs.readFileSync(path.join(root, SWITCH_FILE), 'utf8'))
  const testFile = path.join(root, TEST_FILE)
  const test: RunningTest | null =
    state.reachFolder !== null && fs.existsSync(testFile) ? JSON.parse(fs.readFileSync(testFile, 'utf8')) : null
  const loaded: Switch = { ...state, root, test, reached: new Set() }
  ;(globalThis as Holder)[KEY] = loaded
  return loaded
}

function findRoot(folder: string): string {
  if (fs.existsSync(path.join(folder, SWITCH_FILE))) return folder
  const parent = path.dirname(folder)
  if (parent === folder) throw new Error(`No folder above ${import.meta.dirname} has ${SWITCH_FILE}.`)
  return findRoot(parent)
}

function recordReach(current: Switch, reachFolder: string, number: number): void {
  current.reached.add(number)
  const { name, isLoading } = current.test ?? { name: 'unknown', isLoading: true }
  fs.appendFileSync(path.join(reachFolder, encodeURIComponent(name)), `${JSON.stringify({ number, isLoading })}\n`)
}
