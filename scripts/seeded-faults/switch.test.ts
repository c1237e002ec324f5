import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SWITCH_FILE, type SwitchState, TEST_FILE } from './switch.ts'

const PROGRAM = `
import { isSeeded, setRunningTest } from './switch.ts'
if (process.argv[2]) setRunningTest({ name: process.argv[2], isLoading: false })
process.stdout.write(JSON.stringify([isSeeded(1), isSeeded(2), isSeeded(2)]))`

let tree: string

beforeAll(() => {
  tree = mkdtempSync(path.join(tmpdir(), 'lakeshore-switch-'))
  mkdirSync(path.join(tree, 'lib'))
  mkdirSync(path.join(tree, 'reach'))
  copyFileSync(path.join(import.meta.dirname, 'switch.ts'), path.join(tree, 'lib', 'switch.ts'))
  writeFileSync(path.join(tree, 'lib', 'program.ts'), PROGRAM)
})
afterAll(() => rmSync(tree, { recursive: true }))

/** The faults in effect in a process with hardly any environment, as some that the product starts. */
function run(state: SwitchState, ...args: string[]): unknown {
  writeFileSync(path.join(tree, SWITCH_FILE), JSON.stringify(state))
  const output = execFileSync(process.execPath, [path.join(tree, 'lib', 'program.ts'), ...args], {
    env: { NODE_ENV: 'test' },
  })
  return JSON.parse(output.toString())
}

describe('The switch of seeded faults', () => {
  test('Every process of a tree has the one fault in effect', () => {
    expect(run({ seeded: 2, reachFolder: null })).toEqual([false, true, true])
    expect(run({ seeded: null, reachFolder: null })).toEqual([false, false, false])
    expect(existsSync(path.join(tree, TEST_FILE))).toBe(false)
  })

  test('What a test file reaches is recorded once, also in the processes that it starts', () => {
    const state = { seeded: null, reachFolder: path.join(tree, 'reach') }
    run(state, 'lib/x.test.ts')
    run(state)
    const lines = readFileSync(path.join(tree, 'reach', encodeURIComponent('lib/x.test.ts')), 'utf8')
    const hits = [1, 2].map((number) => `${JSON.stringify({ number, isLoading: false })}\n`).join('')
    expect(lines).toBe(hits + hits)
  })
})
