import path from 'node:path'
import { beforeAll, expect } from 'vitest'
import { setRunningTest } from './switch.ts'

/** A setup file of vitest: tells the switch which test file runs. */
const { testPath } = expect.getState()
if (testPath === undefined) throw new Error('vitest names no test file to its setup files')
const name = path.relative(process.cwd(), testPath)

setRunningTest({ name, isLoading: true })
beforeAll(() => setRunningTest({ name, isLoading: false }))
