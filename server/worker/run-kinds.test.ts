import { expect, it } from 'vitest'
import { type ProgressOf, RUN_KINDS } from '@/lib/contract/run-kinds'
import { createTestHome } from '@/testing/homes/test-home'
import { runKinds } from './run-kinds'

const home = createTestHome()

it('A worker carries out every kind of run that is described, and no other', () => {
  expect(Object.keys(runKinds(home.services)).toSorted()).toEqual(Object.keys(RUN_KINDS).toSorted())
})

it('A run reports only phases and counters of its kind', () => {
  const report = (progress: ProgressOf<'purge-table'>) => progress
  const removing = { phase: 'removing', done: 1, total: null, unit: 'files', counters: { filesRetained: 0 } } as const
  expect(report(removing)).toEqual(removing)
  // @ts-expect-error a purge reads nothing
  report({ ...removing, phase: 'reading' })
  // @ts-expect-error a purge writes no files
  report({ ...removing, counters: { filesWritten: 1 } })
})
