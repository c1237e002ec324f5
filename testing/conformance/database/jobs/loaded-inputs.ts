import { describe, expect, test } from 'vitest'
import { LOADED_BYTES_DAYS } from '@/lib/contract/shapes/plain-values'
import {
  findKnownSizes,
  findRunsOfBytes,
  findRunsOfSameInputs,
  recordLoadedInputs,
} from '@/server/db/jobs/loaded-inputs'
import { queueRun } from '@/server/db/jobs/runs'
import { countRows, MAX_INTEGER, type OpenDatabase, setUpDatabase } from '@/testing/conformance/database/testbed'
import { rawChange } from '@/testing/databases/test-sql'
import { newRun } from './jobs'

const BYTES = { sizeBytes: MAX_INTEGER, sha256: 'a'.repeat(64) }

export function describeLoadedInputs(open: OpenDatabase): void {
  describe('Bytes that were loaded', () => {
    const database = setUpDatabase(open)
    const endRun = (id: string, state: string, ageDays = 0) =>
      database().commit([
        rawChange('UPDATE runs SET state = ?, finished_at_ms = ? WHERE id = ?', [
          state,
          database().nowMs() - ageDays * 24 * 60 * 60_000,
          id,
        ]),
      ])
    const found = async (bytes = BYTES, exceptRunId: string | null = null) =>
      (await findRunsOfBytes(database(), 't', bytes, exceptRunId)).map(({ run, fileName }) => [run.id, fileName])

    test('are found by table, size and digest while their run succeeds, for 30 days, and go with the run', async () => {
      const id = await queueRun(database(), newRun())
      await recordLoadedInputs(database(), { runId: id, tableUuid: 't' }, [{ ...BYTES, name: 'of an earlier attempt' }])
      await recordLoadedInputs(database(), { runId: id, tableUuid: 't' }, [{ ...BYTES, name: 'a.csv' }])
      expect(await found()).toEqual([])
      await endRun(id, 'succeeded', LOADED_BYTES_DAYS - 1)
      expect(await found()).toEqual([[id, 'a.csv']])
      expect(await found(BYTES, id)).toEqual([])
      expect(await found({ ...BYTES, sha256: 'b'.repeat(64) })).toEqual([])
      expect(await found({ ...BYTES, sizeBytes: 1 })).toEqual([])
      expect(await findRunsOfBytes(database(), 'other', BYTES, null)).toEqual([])
      expect(await findKnownSizes(database(), 't', [1, MAX_INTEGER])).toEqual(new Set([MAX_INTEGER]))
      await endRun(id, 'failed')
      expect(await found()).toEqual([])
      await endRun(id, 'succeeded', LOADED_BYTES_DAYS + 1)
      expect(await found()).toEqual([])
      const other = await queueRun(database(), newRun())
      await recordLoadedInputs(database(), { runId: other, tableUuid: 't' }, [{ ...BYTES, name: 'b.csv' }])
      const twins = await findRunsOfSameInputs(database(), other)
      expect(twins.map(({ run, fileName }) => [run.id, fileName])).toEqual([[id, 'b.csv']])
      await recordLoadedInputs(database(), { runId: other, tableUuid: 'other' }, [{ ...BYTES, name: 'b.csv' }])
      expect(await findRunsOfSameInputs(database(), other)).toEqual([])
      await recordLoadedInputs(database(), { runId: other, tableUuid: 't' }, [])
      await database().commit([rawChange('DELETE FROM runs WHERE id = ?', [id], 1)])
      expect(await countRows(database(), 'loaded_inputs')).toBe(0)
    })
  })
}
