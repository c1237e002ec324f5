import { expect, it } from 'vitest'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { findLandingProblem } from './landing-problem'
import type { LoadBranch } from './use-load-branch'

const MAIN = { name: 'main', kind: 'main' } as const

it.each<[Pick<LoadLanding, 'operation' | 'where'>, Pick<LoadBranch, 'name' | 'kind'>, string | null]>([
  [{ operation: 'append' }, MAIN, null],
  [{ operation: 'append' }, { name: 'audit', kind: 'existing' }, null],
  [{ operation: 'append' }, { name: 'audit', kind: 'new' }, null],
  // While it is looked up.
  [{ operation: 'append' }, { name: 'audit', kind: null }, null],
  [{ operation: 'append' }, { name: 'q1', kind: 'tag' }, 'q1 is a tag, so nothing is loaded into it.'],
  [
    { operation: 'append' },
    { name: 'a\u0007', kind: 'new' },
    'The name of a branch must not have line breaks or other control characters.',
  ],
  [{ operation: 'upsert' }, MAIN, 'The table has no key.'],
  [{ operation: 'replace-where', where: ' ' }, MAIN, 'Say which rows are replaced.'],
  [{ operation: 'replace-where', where: 'a = 1' }, MAIN, null],
])('%j into %j: %s', (landing, branch, sentence) => {
  expect(findLandingProblem(landing, branch, [])?.sentence ?? null).toBe(sentence)
})

it('An upsert lands in a table with a key', () => {
  expect(findLandingProblem({ operation: 'upsert' }, MAIN, ['id'])).toBeNull()
})
