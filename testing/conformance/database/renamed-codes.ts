import { describe, expect, test } from 'vitest'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { MIGRATIONS } from '@/server/db/migrations'
import { rawChange } from '@/testing/databases/test-sql'
import { newRun } from './jobs/jobs'
import { type OpenDatabase, setUpDatabase } from './testbed'

export function describeRenamedCodes(open: OpenDatabase): void {
  describe('Codes of problems that were renamed', () => {
    const database = setUpDatabase(open)

    test.each([
      ['changed-meanwhile', 'version-conflict'],
      ['own-login-wanted', 'credentials-required'],
      ['not-found', 'not-found'],
    ])('are migrated in the errors of runs: %s', async (former, code) => {
      const id = await queueRun(database(), newRun())
      const message = `It said changed-meanwhile: ${former}.`
      const error = JSON.stringify({ code: former, message, facts: {} })
      await database().commit([rawChange('UPDATE runs SET error = ? WHERE id = ?', [error, id])])
      const migration = MIGRATIONS.find(({ name }) => name === 'renamed-codes')
      expect(migration?.sqlite).toEqual(migration?.postgres)
      for (let times = 0; times < 2; times += 1) {
        await database().commit((migration?.sqlite ?? []).map((statement) => rawChange(statement)))
        expect((await readRun(database(), id))?.error).toEqual({ code, message, facts: {} })
      }
    })
  })
}
