import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { postgresSettings } from '@/scripts/postgres-settings'
import { servicesAt } from '@/scripts/test-home'
import type { Database } from '@/server/db/database'
import { DatabaseAway } from '@/server/db/database-away'
import { waitForDatabase } from './wait-for-database'

let homeDir: string
beforeEach(() => {
  homeDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-wait-'))
})
afterEach(() => rmSync(homeDir, { recursive: true }))

/** A database whose reads answer by turns; the last answer stays. */
function databaseThat(...answers: (AppError | null)[]): Database {
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
    close: () => Promise.resolve(),
  }
}

const away = () => new DatabaseAway('postgres://127.0.0.1:1/lake', 'connect ECONNREFUSED', new Error('refused'))

/** @returns what the wait said, and how it ended */
async function waitFor(database: Database, options: { maxWaitMs?: number; stopOnWait?: boolean } = {}) {
  const { config } = servicesAt(homeDir, postgresSettings('postgres://user:password@127.0.0.1:1/lake'))
  const said: string[] = []
  const stop = new AbortController()
  const listener = {
    begins: (sentence: string) => {
      said.push(sentence)
      if (options.stopOnWait) stop.abort()
    },
    ends: (sentence: string) => void said.push(sentence),
  }
  const end = await waitForDatabase({ config, database }, { ...options, listener, signal: stop.signal }).catch(
    (error: unknown) => error,
  )
  return { end, said }
}

const BEGINS = 'The database postgres://127.0.0.1:1/lake cannot be reached: waiting for it. (connect ECONNREFUSED)'

describe('A start', () => {
  it('waits for a database that cannot be reached, and says so once', async () => {
    expect(await waitFor(databaseThat(away(), away(), null))).toEqual({
      end: true,
      said: [BEGINS, 'The database can be reached: the start goes on.'],
    })
  })

  it('says nothing where the database is there', async () => {
    expect(await waitFor(databaseThat(null))).toEqual({ end: true, said: [] })
  })

  it('that is stopped while it waits ends without a failure', async () => {
    expect(await waitFor(databaseThat(away()), { stopOnWait: true })).toEqual({ end: false, said: [BEGINS] })
  })

  it('does not wait where the database refuses it, also after it was away', async () => {
    const refusal = new AppError('database-unavailable', 'password authentication failed')
    expect(await waitFor(databaseThat(refusal))).toEqual({ end: refusal, said: [] })
    expect(await waitFor(databaseThat(away(), refusal))).toEqual({ end: refusal, said: [BEGINS] })
  })

  it('that has a longest wait says when that is over, and what to do', async () => {
    const { end } = await waitFor(databaseThat(away()), { maxWaitMs: 600 })
    expect(end).toMatchObject({ code: 'database-unavailable' })
    expect(String(end)).toContain(
      'could not be reached within 0.6 seconds: connect ECONNREFUSED. Nothing was changed. Start its server, or correct',
    )
  })

  it('does not wait for a database in the home, nor make it', async () => {
    const { config } = servicesAt(homeDir)
    const database = databaseThat(new AppError('database-unavailable', 'not to be read'))
    const listener = { begins: () => expect.unreachable(), ends: () => expect.unreachable() }
    const { signal } = new AbortController()
    expect(await waitForDatabase({ config, database }, { listener, signal })).toBe(true)
  })
})
