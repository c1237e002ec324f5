import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { useTestClock } from '@/testing/clock'
import { postgresSettings } from '@/testing/databases/postgres-settings'
import { createServicesAt } from '@/testing/homes/test-home'
import type { Database } from '@/server/db/database'
import { DatabaseUnreachable } from '@/server/db/database-unreachable'
import { waitForDatabase } from './wait-for-database'

let homeDir: string
beforeEach(() => {
  useTestClock().skipPauses()
  homeDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-wait-'))
})
afterEach(() => rmSync(homeDir, { recursive: true }))

/** A database whose reads return the answers in turn; the last answer repeats. */
function databaseAnswering(...answers: (AppError | null)[]): Database {
  let reads = 0
  return {
    async read() {
      const answer = answers[Math.min(reads, answers.length - 1)]
      reads += 1
      if (answer) throw answer
      return []
    },
    commit: () => Promise.reject(new Error('A wait writes nothing.')),
    nowMs: () => 0,
    pollMs: 1,
    close: () => Promise.resolve(),
  }
}

const unreachable = () =>
  new DatabaseUnreachable('postgres://127.0.0.1:1/lake', 'connect ECONNREFUSED', new Error('refused'))

/** @returns the messages of the wait, and how it ended */
async function runWait(database: Database, options: { maxWaitMs?: number; stopOnWait?: boolean } = {}) {
  const { config } = createServicesAt(homeDir, postgresSettings('postgres://user:password@127.0.0.1:1/lake'))
  const messages: string[] = []
  const stop = new AbortController()
  const listener = {
    onBegin: (sentence: string) => {
      messages.push(sentence)
      if (options.stopOnWait) stop.abort()
    },
    onEnd: (sentence: string) => void messages.push(sentence),
  }
  const end = await waitForDatabase({ config, database }, { ...options, listener, signal: stop.signal }).catch(
    (error: unknown) => error,
  )
  return { end, said: messages }
}

const WAIT_MESSAGE =
  'The database postgres://127.0.0.1:1/lake cannot be reached: waiting for it. (connect ECONNREFUSED)'

describe('A start', () => {
  it('waits for a database that cannot be reached, and reports it once', async () => {
    expect(await runWait(databaseAnswering(unreachable(), unreachable(), null))).toEqual({
      end: true,
      said: [WAIT_MESSAGE, 'The database can be reached: the start continues.'],
    })
  })

  it('reports nothing when the database is available', async () => {
    expect(await runWait(databaseAnswering(null))).toEqual({ end: true, said: [] })
  })

  it('that is stopped while it waits ends without an error', async () => {
    expect(await runWait(databaseAnswering(unreachable()), { stopOnWait: true })).toEqual({
      end: false,
      said: [WAIT_MESSAGE],
    })
  })

  it('does not wait when the database refuses it, even after an outage', async () => {
    const refusal = new AppError('database-unavailable', 'password authentication failed')
    expect(await runWait(databaseAnswering(refusal))).toEqual({ end: refusal, said: [] })
    expect(await runWait(databaseAnswering(unreachable(), refusal))).toEqual({ end: refusal, said: [WAIT_MESSAGE] })
  })

  it('with a maximum wait reports when it is over, and what to do', async () => {
    const { end } = await runWait(databaseAnswering(unreachable()), { maxWaitMs: 600 })
    expect(end).toMatchObject({ code: 'database-unavailable' })
    expect(String(end)).toContain(
      'could not be reached within 0.6 seconds: connect ECONNREFUSED. Nothing was changed. Start its server, or correct',
    )
  })

  it('neither waits for a database in the home nor creates it', async () => {
    const { config } = createServicesAt(homeDir)
    const database = databaseAnswering(new AppError('database-unavailable', 'not to be read'))
    const listener = { onBegin: () => expect.unreachable(), onEnd: () => expect.unreachable() }
    const { signal } = new AbortController()
    expect(await waitForDatabase({ config, database }, { listener, signal })).toBe(true)
  })
})
