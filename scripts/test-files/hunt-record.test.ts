import { expect, test } from 'vitest'
import { countHunt, type HuntFailure, type HuntRecord, type HuntRun } from './hunt-record.ts'

function run(at: string, tests = 'server', commit = 'c1', isLoaded = false): HuntRun {
  return { tests, commit, at, isLoaded }
}

function failure(at: string, file: string, commit = 'c1'): HuntFailure {
  return { file, commit, at, isLoaded: false, seed: 7, name: `${file}: adds` }
}

test('Repetitions of a group add up, those next to busy processes apart', () => {
  const record: HuntRecord = { runs: [run('1'), run('2', 'server', 'c2', true), run('3', 'dom')], failures: [] }

  expect(countHunt(record, 'server')).toEqual({ group: { idle: 1, loaded: 1 }, files: new Map() })
})

test('A file that failed begins again with the commit after it, and no other file does', () => {
  const record: HuntRecord = {
    runs: [run('1'), run('2'), run('3'), run('4', 'server', 'c2'), run('5', 'a.test.ts', 'c2', true)],
    failures: [failure('2', 'a.test.ts')],
  }

  const { group, files } = countHunt(record, 'server')
  expect(group).toEqual({ idle: 4, loaded: 0 })
  // The third run was of the commit on which the file failed.
  expect(files).toEqual(new Map([['a.test.ts', { idle: 1, loaded: 1 }]]))
})
