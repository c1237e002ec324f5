import { mkdirSync } from 'node:fs'
import { buildIfStale } from './build.ts'
import { readKitSummary, testWithPeers } from './steps/peer-steps.ts'
import { testEnvironment } from './steps/test-environment.ts'
import { exitCodeOf, formatTally } from './steps/tally.ts'

/**
 * Tests against other programs: engines and servers, which are installed here. With `CI=true` a program that cannot be
 * installed is a failure; otherwise its tests are skipped and say so. Arguments are those of Vitest.
 */

mkdirSync('.cache', { recursive: true })
Object.assign(process.env, testEnvironment())
await buildIfStale()
const tally = await testWithPeers(process.argv.slice(2))
console.log(readKitSummary())
console.log(formatTally(tally))
process.exit(exitCodeOf(tally))
