import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Change } from '@/server/db/database'
import { touchesTable } from '@/testing/databases/change-sql'
import { type SignedInUser, signInAs, type TestHome } from '@/testing/homes/test-home'
import { UNDER_POLICY } from './under-policy'
import type { Verb } from './verb'
import { type Reply, VerbLake } from './verb-lake'
import { newKey, propose, withoutTimes } from './verb-suite'

/** When the second request arrives: with the first one, or around the first transaction of the first one. */
const ARRIVALS = ['at once', 'before the first write', 'after the first write'] as const

/**
 * Two arrivals of one request under one key, as a proxy or a double click sends them: one effect, and each gets the
 * answer of that effect, or hears that the outcome is open.
 *
 * @param requested the catalog that requests name
 */
export function describeSimultaneousRequests(home: TestHome, verbs: readonly Verb[], requested?: string): void {
  const cases = verbs.flatMap((verb) =>
    [
      ...(verb.key ? (['directly'] as const) : []),
      ...(UNDER_POLICY[verb.name] === 'proposed' ? (['from a proposal'] as const) : []),
    ].flatMap((how) => ARRIVALS.map((arrival) => ({ title: verb.title, verb, how, arrival }))),
  )

  let editor: SignedInUser
  let other: SignedInUser
  beforeAll(async () => {
    editor = await signInAs(home.services, 'editor')
    other = await signInAs(home.services, 'editor')
  })

  test.each(cases)('$title $how happens once when it arrives again $arrival', async ({ verb, how, arrival }) => {
    const lake = await VerbLake.open(home, requested)
    const prepared = await verb.prepare(lake, editor)
    const idempotencyKey = newKey()
    const proposal = how === 'directly' ? null : await propose(lake, verb, prepared, editor)
    const send = () =>
      proposal
        ? proposal.commitAs(other, { idempotencyKey })
        : lake.send(editor, verb.endpoint, { ...prepared.input, idempotencyKey })
    const earlier = await lake.audit()
    const replies = await sendTwice(lake, send, arrival)
    const again = withoutTimes(await send())
    expect(again, JSON.stringify(replies)).toMatchObject({ status: 200 })
    const isOpen = ({ body }: Reply) => body['code'] === 'commit-state-unknown'
    expect(replies.filter((reply) => !isOpen(reply)).map(withoutTimes)).toEqual(
      Array.from({ length: replies.filter(isOpen).length === 0 ? 2 : 1 }, () => again),
    )
    const entries = (await lake.auditSince(earlier)).filter(({ origin }) => origin === CONSOLE)
    expect(entries.map(({ action }) => action)).toEqual(verb.actions)
    expect(await lake.rows('pending_writes')).toEqual([])
  })
}

const CONSOLE = '{"kind":"console"}'

async function sendTwice(
  { home }: VerbLake,
  send: () => Promise<Reply>,
  arrival: (typeof ARRIVALS)[number],
): Promise<Reply[]> {
  if (arrival === 'at once') return Promise.all([send(), send()])
  const { database } = home.services
  const commit = database.commit.bind(database)
  let second: Promise<Reply> | undefined
  const spy = vi.spyOn(database, 'commit').mockImplementation(async (changes: readonly Change[]) => {
    if (!WRITTEN_TABLES.some((table) => touchesTable(changes, table))) return commit(changes)
    spy.mockRestore()
    const arrive = async () => {
      second = send()
      // It may wait for the first one, which has the turn to commit to the table.
      await Promise.race([second, pause(OVERLAP_MS)])
    }
    if (arrival === 'before the first write') await arrive()
    const counts = await commit(changes)
    if (arrival === 'after the first write') await arrive()
    return counts
  })
  const first = await send()
  return second === undefined ? [first] : [first, await second]
}

const OVERLAP_MS = 50

/** Each write of the lake has a row in one of them. */
const WRITTEN_TABLES = ['"audit"', '"pending_writes"']
