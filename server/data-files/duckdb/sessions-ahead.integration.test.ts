import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { SessionsAhead } from './sessions-ahead'

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sessions-'))

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const LIMITS = { memoryMiB: 64, threads: 1, tempMiB: 64 }
const SPILLING = 'SELECT count(*) AS n FROM (SELECT md5(i::VARCHAR) a FROM range(1000000) r(i) ORDER BY a OFFSET 1)'

function createInput(name: string) {
  const stagingDir = path.join(folder, name)
  mkdirSync(stagingDir)
  const inputPath = path.join(folder, `${name}.csv`)
  writeFileSync(inputPath, 'a\n1\n')
  return { inputPath, stagingDir }
}

it('A session that was created ahead reads its own input alone, within its own limits', async () => {
  const sessions = new SessionsAhead()
  const [one, other] = [createInput('one'), createInput('other')]
  const first = await sessions.open(one, LIMITS)
  expect(await first.rows(SPILLING)).toEqual([{ n: 999_999n }])
  first.close()
  // The process that has the answer may remove the folder while the session ends.
  rmSync(one.stagingDir, { recursive: true })
  await sessions.prepare()

  const second = await sessions.open(other, LIMITS)
  expect(await second.rows(`FROM '${other.inputPath}'`)).toEqual([{ a: 1n }])
  await expect(second.rows(`FROM '${one.inputPath}'`)).rejects.toThrow(/Permission Error/)
  await expect(second.rows(`SET memory_limit = '1GiB'`)).rejects.toThrow(/locked/)
  expect(await second.rows(SPILLING)).toEqual([{ n: 999_999n }])
  second.close()
  await sessions.prepare()

  const third = await sessions.open(other, { ...LIMITS, threads: 2 })
  expect(await third.rows(`SELECT current_setting('threads') AS threads`)).toEqual([{ threads: 2n }])
  third.close()
  await sessions.prepare()
})
