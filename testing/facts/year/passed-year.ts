import path from 'node:path'
import { TOKEN_LIFETIME_DAYS } from '@/lib/contract/shapes/plain-values'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findUser } from '@/server/db/auth/users'
import { OwnCatalogPoll, ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'
import { startRestListener } from '@/testing/catalogs/rest-listener'
import { signInAs, type TestHome } from '@/testing/homes/test-home'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { createRandom } from '@/testing/seeded-random'
import { InventedClock } from './invented-clock'
import { LakeOfAYear } from './lake-of-a-year'
import { TableOfRows } from './table-of-rows'
import { chooseTimes, DAY_MS, type StepKind, takeStep } from './year-steps'

const YEAR_START_MS = Date.UTC(2025, 2, 1)
const DAYS = 365
export const YEAR = { fromMs: YEAR_START_MS, toMs: YEAR_START_MS + DAYS * DAY_MS }

type YearOptions = {
  python: string
  faketime: string
  seed: number
  stepCount: number
  /** The steps are in so many days from its beginning. */
  days?: number
  tableNames: readonly string[]
  /** All but its current snapshot expire in the middle of the year. */
  expired: string | null
}

/** A lake after a year, which was collected while it passed. */
export type PassedYear = {
  tables: readonly TableOfRows[]
  clock: InventedClock
  lake: LakeOfAYear
  /** PyIceberg, with a function `table` that loads one by its name. */
  session: PythonSession
  steps: readonly StepKind[]
  /** The URI of the catalog for further clients. */
  uri: string
  issueToken: () => Promise<string>
  collect: () => Promise<void>
  /** @returns how many histories it continued */
  poll: () => Promise<number>
  stop: () => Promise<void>
}

export async function passYear(home: TestHome, options: YearOptions): Promise<PassedYear> {
  const { python, faketime, seed, stepCount, days = DAYS - 1, tableNames, expired } = options
  const { signal } = new AbortController()
  const random = createRandom(seed)
  const tables = tableNames.map((name) => new TableOfRows(name))
  const clock = new InventedClock(path.join(home.config.homeDir, 'clock'), YEAR.fromMs)
  const listener = await startRestListener(home.services)
  const issue = () => issueAdminToken(home)
  const session = startPython({
    name: 'pyiceberg-year',
    python,
    program: 'pyiceberg_session.py',
    settings: { uri: listener.uri, token: await issue(), warehouse: 'local' },
    env: clock.environment(faketime),
  })
  const lake = new LakeOfAYear(home.services, session, clock)
  const collectSome = () => recordTableChanges(home.services, ownCatalogSource(home.services, signal), signal)
  const collect = async () => {
    while ((await collectSome()).taken > 0);
  }
  const poll = () => new OwnCatalogPoll(home.services).run(signal)
  const stop = async () => {
    await session.stop()
    await listener.stop()
    clock.release()
  }

  const steps: StepKind[] = []
  let toExpire = tables.find(({ name }) => name === expired)
  try {
    await lake.createTables(tables)
    const times = chooseTimes(random, { startMs: YEAR.fromMs, days, count: stepCount })
    for (const [index, atMs] of times.entries()) {
      clock.moveTo(atMs)
      const table = tables[random(tables.length)]
      if (table === undefined) break
      if (index >= stepCount / 2 && table === toExpire && !table.isDropped && table.branch === null) {
        await lake.expire(table)
        toExpire = undefined
      } else steps.push(await takeStep(lake, table, random))
      if (random(3) === 0) await collectSome()
      if (random(12) === 0) await poll()
    }
    await collect()
  } catch (error) {
    await stop()
    throw error
  }
  return { tables, clock, lake, session, steps, uri: listener.uri, issueToken: issue, collect, poll, stop }
}

async function issueAdminToken(home: TestHome): Promise<string> {
  const owner = await findUser(home.database, (await signInAs(home.services, 'admin')).userId)
  if (owner === null) throw new Error('the new user does not exist')
  const request = { owner, name: 'engine', role: 'admin', days: TOKEN_LIFETIME_DAYS.max } as const
  return (await issueToken(home.database, request, { actor: owner, requestId: null })).text
}
