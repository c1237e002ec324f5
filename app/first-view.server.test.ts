import { dehydrate, QueryClient, type QueryFunctionContext } from '@tanstack/react-query'
import { isValidElement, type ReactElement, type ReactNode } from 'react'
import { beforeAll, expect, it } from 'vitest'
import { connectionsQuery } from '@/lib/client/connections'
import { homeQuery } from '@/lib/client/home'
import { endedRunsQuery } from '@/lib/client/jobs/runs'
import { sessionQuery } from '@/lib/client/session/session'
import { tableQuery } from '@/lib/client/table/tables'
import { TIME_ZONE_COOKIE } from '@/lib/cookies'
import { installTestProgram } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { setPageRequest } from '@/testing/next/page-request'
import { holdTimeBudget } from '@/testing/next/time-budget'
import ConsoleLayout from './(console)/layout'
import { FirstView } from './first-view'

/** The data of a page's first view, for users and visitors. A table of the home is read by the tests in the browser. */

const home = createTestHome()
const HOUR_MS = 3_600_000
const SPAN = { fromMs: 0, toMs: 24 * HOUR_MS, stepMs: HOUR_MS }
const QUERIES = [sessionQuery(), homeQuery(SPAN), endedRunsQuery({ state: 'ended', kind: null }), connectionsQuery()]

let endTimeBudget: () => void
beforeAll(() => {
  endTimeBudget = holdTimeBudget()
})

type DehydratedState = ReturnType<typeof dehydrate>

/** The first parts of the keys of the queries whose data the page has, with their data. */
async function renderFirstView(
  queries: Parameters<typeof FirstView>[0]['queries'],
  {
    role,
    accept = 'text/html,*/*;q=0.8',
    timeZone = 'system:Asia/Kolkata',
  }: { role: 'viewer' | 'admin' | null; accept?: string; timeZone?: string | null },
): Promise<Record<string, unknown>> {
  installTestProgram(home.services)
  const cookies = [
    ...(role === null ? [] : [(await signInAs(home.services, role)).cookie]),
    ...(timeZone === null ? [] : [`${TIME_ZONE_COOKIE}=${encodeURIComponent(timeZone)}`]),
  ]
  setPageRequest(new Headers({ accept, cookie: cookies.join('; ') }))
  const element = (await FirstView({ queries, children: 'the page' })) as
    | ReactElement<{ state: DehydratedState; children: unknown }>
    | string
  if (typeof element === 'string') return { withoutData: element }
  expect(element.props.children).toBe('the page')
  return Object.fromEntries(
    element.props.state.queries.map(({ queryKey, state }) => [queryKey.slice(0, 2).join(' '), state.data]),
  )
}

it('A page has the data that an admin may read', async () => {
  const data = await renderFirstView(QUERIES, { role: 'admin' })
  expect(Object.keys(data).toSorted()).toEqual(['connections', 'jobs ended', 'lake home', 'session'])
  expect(data['session']).toMatchObject({ role: 'admin' })
  expect(data['lake home']).toMatchObject({ tableCount: 0 })
  expect(data['jobs ended']).toMatchObject({ pages: [{ runs: [] }], pageParams: [null] })
})

it('A page has no data that a viewer may not read', async () => {
  const data = await renderFirstView(QUERIES, { role: 'viewer' })
  expect(Object.keys(data).toSorted()).toEqual(['jobs ended', 'lake home', 'session'])
})

it('A page has no data for a visitor without a session', async () => {
  expect(await renderFirstView(QUERIES, { role: null })).toEqual({})
})

it('A page leaves a failure to the browser, which shows it', async () => {
  const missing = tableQuery({ catalog: 'local', namespace: ['demo'], table: 'gone' }, {})
  expect(Object.keys(await renderFirstView([missing, sessionQuery()], { role: 'viewer' }))).toEqual(['session'])
})

it('Every page brings what its frame shows, so that an opened page need not request it', async () => {
  const dataFor = async (role: 'viewer' | 'admin') => {
    installTestProgram(home.services)
    setPageRequest(new Headers({ accept: 'text/html', cookie: (await signInAs(home.services, role)).cookie }))
    const layout = (await ConsoleLayout({ children: null })) as ReactElement<{ children: ReactNode[] }>
    const frame = layout.props.children.find((child) => isValidElement(child) && child.type === FirstView)
    const { queries } = (frame as ReactElement<Parameters<typeof FirstView>[0]>).props
    return Object.keys(await renderFirstView(queries, { role })).toSorted()
  }
  expect(await dataFor('viewer')).toEqual(['jobs open', 'session', 'shortcuts'])
  expect(await dataFor('admin')).toEqual(['access requests', 'jobs open', 'session', 'shortcuts'])
})

it('A page waits for slow data only briefly', async () => {
  const queryFn = async ({ client }: QueryFunctionContext) => {
    await client.fetchQuery(sessionQuery())
    endTimeBudget()
    return new Promise(() => undefined)
  }
  const slow = { queryKey: ['slow'], queryFn }
  expect(Object.keys(await renderFirstView([slow, sessionQuery()], { role: 'viewer' }))).toEqual(['session'])
})

it('A page has what a query that depends on another needs', async () => {
  const data = await renderFirstView(
    async (client: QueryClient) => {
      const { username } = await client.fetchQuery(sessionQuery())
      client.setQueryData(['greeting'], `Hello ${username}`)
    },
    { role: 'viewer' },
  )
  expect(data['greeting']).toMatch(/^Hello /)
})

it('A page does not delay a navigation within the console', async () => {
  expect(await renderFirstView(QUERIES, { role: 'admin', accept: '*/*' })).toEqual({ withoutData: 'the page' })
})

it('A page has no data while the browser’s time zone is unknown', async () => {
  expect(await renderFirstView(QUERIES, { role: 'admin', timeZone: null })).toEqual({ withoutData: 'the page' })
})
