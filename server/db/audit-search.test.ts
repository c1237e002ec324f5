import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import type { AuditFilter } from '@/lib/contract/audit'
import { auditChange, newAuditId, type NewAuditEntry } from './audit'
import { type AuditPosition, searchAudit } from './audit-search'

const home = createTestHome()

const DAY_MS = 24 * 3_600_000
const NOW_MS = Date.UTC(2026, 10, 22)

type Written = Partial<NewAuditEntry> & { action: string; writtenMs?: number; atMs?: number }

async function write(...entries: Written[]) {
  await home.database.commit(
    entries.map(({ writtenMs = NOW_MS, atMs = writtenMs, ...entry }) =>
      auditChange(
        { actor: { userId: 'u', username: 'ada' }, requestId: null, ...entry },
        { id: newAuditId(writtenMs), atMs },
      ),
    ),
  )
}

async function search(
  filter: AuditFilter,
  page: { before?: AuditPosition; limit?: number; maxLookedAt?: number } = {},
) {
  const found = await searchAudit(home.database, filter, { limit: 100, ...page })
  return { ...found, actions: found.entries.map(({ action }) => action) }
}

const flights = { catalog: 'lake', namespace: ['sales', 'eu'], table: 'Flights' }

it('finds by every field, and by all of them together', async () => {
  const origin = { kind: 'job', job: 'ingest' } as const
  const inConsole = { userId: 'u', username: 'ada', origin: { kind: 'console' } as const }
  await write(
    { action: 'append', table: flights, requestId: 'req-1', actor: { userId: 'm', username: 'Maria', origin } },
    { action: 'create-namespace', namespace: { catalog: 'lake', namespace: ['sales'] }, actor: inConsole },
    { action: 'drop-table', table: { catalog: 'lake', namespace: ['salesforce'], table: 'flights' } },
    { action: 'set-properties', table: flights, via: { client: 'spark', token: 't' }, outcome: 'unknown' },
    { action: 'refuse-request', table: flights, after: null, requestId: 'req-2' },
    { action: 'roll-back', table: flights, outcome: 'committed', requestId: 'req-3' },
    { action: 'fail-connection-test' },
  )
  const cases: [AuditFilter, string[]][] = [
    [{ actor: 'MARIA' }, ['append']],
    [{ actor: 'mari' }, []],
    [{ action: 'drop-table' }, ['drop-table']],
    [
      { catalog: 'lake', namespace: ['sales'] },
      ['roll-back', 'refuse-request', 'set-properties', 'create-namespace', 'append'],
    ],
    [{ catalog: 'lake', namespace: ['sales', 'eu'], table: 'Flights', source: 'job' }, ['append']],
    [{ catalog: 'other' }, []],
    [{ outcome: 'refused' }, ['refuse-request']],
    [{ outcome: 'failed' }, ['fail-connection-test']],
    [{ outcome: 'unknown' }, ['set-properties']],
    [{ outcome: 'found-done' }, ['roll-back']],
    [{ outcome: 'done' }, ['drop-table', 'create-namespace', 'append']],
    [{ source: 'engine' }, ['set-properties']],
    [{ source: 'server' }, ['fail-connection-test', 'drop-table']],
    [{ source: 'console' }, ['roll-back', 'refuse-request', 'create-namespace']],
    [{ text: 'eu.FLIGHTS' }, ['roll-back', 'refuse-request', 'set-properties', 'append']],
    [{ text: 'flight', outcome: 'done' }, ['drop-table', 'append']],
    [{ text: 'req-1' }, ['append']],
    [{ text: 'req-' }, []],
    // Wildcards of SQL are text.
    [{ text: 'fl_ghts' }, []],
    [{ text: '%' }, []],
  ]
  for (const [filter, actions] of cases) expect([filter, (await search(filter)).actions]).toEqual([filter, actions])
})

it('pages newest first, each entry once, and looks at a bounded number of entries', async () => {
  await write(
    ...Array.from({ length: 25 }, (_, i) => ({ action: `page ${i}`, actor: { userId: 'p', username: 'pat' } })),
  )
  await write(...Array.from({ length: 25 }, (_, i) => ({ action: `other ${i}` })))
  const found: string[] = []
  const cuts: boolean[] = []
  for (let before: AuditPosition | undefined; ; ) {
    const page = await search({ actor: 'pat' }, { limit: 10, maxLookedAt: 20, ...(before !== undefined && { before }) })
    found.push(...page.actions)
    cuts.push(page.isTruncated)
    if (page.nextBefore === null) break
    expect(page.nextBefore.seq).toBeLessThan(before?.seq ?? Number.MAX_SAFE_INTEGER)
    before = page.nextBefore
  }
  expect(found).toEqual(Array.from({ length: 25 }, (_, i) => `page ${24 - i}`))
  // The first 20 entries are by another user, so the page is empty and says that it was cut.
  expect(cuts[0]).toBe(true)
  expect(cuts.at(-1)).toBe(false)
})

it('pages by time and not by the order of writing, and by that order for the same time', async () => {
  const who = { actor: { userId: 't', username: 'tim' } }
  const at = (minute: number) => NOW_MS - DAY_MS + minute * 60_000
  await write(...[3, 1, 2, 2, 0, 4].map((minute, i) => ({ ...who, action: `${i} at ${minute}`, atMs: at(minute) })))
  const found: string[][] = []
  for (let before: AuditPosition | undefined; ; ) {
    const page = await search({ actor: 'tim' }, { limit: 2, ...(before && { before }) })
    found.push(page.actions)
    if (page.nextBefore === null) break
    before = page.nextBefore
  }
  expect(found).toEqual([
    ['5 at 4', '0 at 3'],
    ['3 at 2', '2 at 2'],
    ['1 at 1', '4 at 0'],
  ])
})

it('finds a span of time, also entries that were written long before or after it, without looking at others', async () => {
  const at = (days: number) => NOW_MS + days * DAY_MS
  for (let day = 1_000; day < 1_200; day += 1) {
    await write({ action: `day ${day}`, writtenMs: at(day) })
    // A commit of an earlier time, such as those of the demo lake.
    if (day === 1_079) await write({ action: 'recorded later', writtenMs: at(day), atMs: at(1_049) + 1 })
    // The id of a write to another catalog is older than the entry that says how it ended.
    if (day === 1_049) await write({ action: 'sent before', writtenMs: at(1_020), atMs: at(1_049) + 1 })
  }
  const span = { fromMs: at(1_048), toMs: at(1_050) }
  const page = await search(span, { maxLookedAt: 100 })
  expect(page).toMatchObject({ actions: ['recorded later', 'sent before', 'day 1049', 'day 1048'], isTruncated: false })
  expect((await search({ fromMs: at(9_000) })).actions).toEqual([])
  expect((await search({ toMs: 5 })).actions).toEqual([])
})
