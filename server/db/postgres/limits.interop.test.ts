import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { newRun, NO_LIMITS } from '@/testing/conformance/database/jobs/jobs'
import { errorWithCode, addTestUser } from '@/testing/conformance/database/testbed'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import { auditChange } from '../audit'
import { listAudit } from '../audit-list'
import { insertNamespace, insertNamespaceProperty, insertNamespaceMarker } from '../catalog/namespaces'
import { insertRow, readNames, readTableRow } from '../catalog/table-rows'
import type { Database } from '../database'
import { responseChanges, findStoredResponse } from '../idempotency'
import { queueRun } from '../jobs/runs'
import { claimRun, readOverlongLeases, renewLease } from '../jobs/run-leases'
import { findOpenSession, openSession } from '../auth/sessions'
import { countAttempts, readAttemptCounts } from '../auth/sign-in-attempts'
import { addToken, findToken } from '../auth/tokens'
import { isWorkerAlive, recordHeartbeat } from '../jobs/workers'
import { openPostgres } from './open'

const server = await installOrSkip('PostgreSQL', () => startSharedPostgres('newest'))

describe.skipIf(server === null)('(skipped if PostgreSQL is not available)', () => {
  let held: TestDatabase
  let database: Database

  beforeAll(async () => {
    held = await createTestDatabase(server ?? { url: '' })
    database = await openPostgres(
      { url: held.url, schema: 'lakeshore', poolSize: 5, statementTimeoutMs: 30_000 },
      SILENT_LOG,
    )
  })
  afterAll(async () => {
    await database?.close()
    await held?.drop()
  })

  describe('Values that PostgreSQL cannot store are refused, and nothing is changed', () => {
    const toIdentifier = (table: string) => ({ catalog: 'c', namespace: ['ns'], table })
    const names = () => readNames(database, 'c', ['ns'], 'table')
    const before = () => insertRow(toIdentifier('before'), 'm', 'table')
    const refusal = errorWithCode('invalid-request')

    beforeAll(async () => {
      await database.commit([insertNamespace('c', ['ns']), insertRow(toIdentifier('there'), 'm', 'table')])
    })

    test.each([
      ['a name with a NUL', 'a\0b', 'm'],
      ['a name of 256 characters', 'ä'.repeat(256), 'm'],
      ['a location with a NUL', 't', 'm\0'],
      ['a location of 1001 characters', 't', 'm'.repeat(1001)],
    ])('%s', async (_, name, location) => {
      await expect(database.commit([before(), insertRow(toIdentifier(name), location, 'table')])).rejects.toThrow(
        refusal,
      )
      expect(await names()).toEqual(['there'])
    })

    test('a namespace of 256 characters', async () => {
      await expect(database.commit([before(), insertNamespaceMarker('c', ['n'.repeat(256)])])).rejects.toThrow(refusal)
      expect(await names()).toEqual(['there'])
    })

    test('a property of 1001 characters', async () => {
      const property = insertNamespaceProperty('c', ['ns'], 'long', 'x'.repeat(1001))
      await expect(database.commit([before(), property])).rejects.toThrow(refusal)
      expect(await names()).toEqual(['there'])
    })

    test('a NUL in a query', async () => {
      await expect(readTableRow(database, toIdentifier('a\0b'))).rejects.toThrow(refusal)
      await expect(findStoredResponse(database, { actorId: 'u', key: '\0', operation: 'o' })).rejects.toThrow(refusal)
      await expect(database.commit(responseChanges({ actorId: 'u', key: 'k', operation: 'o' }, '\0'))).rejects.toThrow(
        refusal,
      )
      const actor = { userId: 'u', username: 'nul \0' }
      const fields = { table: null, tableUuid: null, before: null, after: null, requestId: null, undoes: null }
      await expect(database.commit([auditChange({ actor, action: 'a', ...fields })])).rejects.toThrow(refusal)
      expect(await listAudit(database, { limit: 1 })).toEqual([])
    })

    test('but not text of the greatest allowed length', async () => {
      const longest = { catalog: 'ä'.repeat(255), namespace: ['\u{1F600}'.repeat(255)], table: '%'.repeat(255) }
      const location = '\u{1F600}'.repeat(1000)
      await database.commit([
        insertNamespaceMarker(longest.catalog, longest.namespace),
        insertRow(longest, location, 'table'),
      ])
      expect(await readTableRow(database, longest)).toMatchObject({ metadataLocation: location })
    })
  })

  describe('The server’s clock counts, not this machine’s:', () => {
    const DAY_MS = 24 * 60 * 60_000
    afterEach(() => void vi.useRealTimers())

    test.each([DAY_MS, -DAY_MS])('leases, sessions, tokens and pauses hold with a clock %i ms off', async (shiftMs) => {
      const nowMs = database.nowMs()
      expect(Math.abs(nowMs - Date.now())).toBeLessThan(60_000)
      const userId = await addTestUser(database)
      const named = `at ${shiftMs}`
      vi.useFakeTimers({ toFake: ['Date'] })
      vi.setSystemTime(nowMs + shiftMs)
      const id = await queueRun(database, newRun())
      expect((await claimRun(database, 'w1', NO_LIMITS))?.run.id).toBe(id)
      await openSession(database, { sessionId: named, userId, lifeMs: 60_000 })
      const token = {
        tokenId: named,
        name: named,
        limit: { role: 'viewer', resource: {} },
        userId,
        secretHash: named,
      } as const
      await addToken(database, { ...token, createdAtMs: nowMs, expiresAtMs: nowMs + 60_000 })
      await countAttempts(database, [named], { maxAttempts: 1, pauseMs: 60_000, forgetAfterMs: 3_600_000 })
      await countAttempts(database, [named], { maxAttempts: 1, pauseMs: 60_000, forgetAfterMs: 3_600_000 })
      await database.commit(responseChanges({ actorId: 'u', key: named, operation: 'o' }, 'r'))
      await recordHeartbeat(database, 'w1')
      for (const otherShiftMs of [shiftMs, 0, -shiftMs]) {
        vi.setSystemTime(nowMs + otherShiftMs)
        expect(Math.abs(database.nowMs() - nowMs)).toBeLessThan(60_000)
        expect(await claimRun(database, 'w2', NO_LIMITS)).toBeNull()
        expect(await readOverlongLeases(database)).toEqual([])
        expect(await findOpenSession(database, named)).not.toBeNull()
        expect((await findToken(database, named))?.state).toBe('live')
        expect((await readAttemptCounts(database, [named])).get(named)?.idleMs).toBeLessThan(60_000)
        expect(await findStoredResponse(database, { actorId: 'u', key: named, operation: 'o' })).toBe('r')
        expect(await isWorkerAlive(database)).toBe(true)
      }
      expect(await renewLease(database, id, 'w1', null)).toMatchObject({ isOurs: true })
    })
  })
})
