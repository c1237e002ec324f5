import { expect, it, onTestFinished } from 'vitest'
import { runsChangedEvent, watchRuns } from '@/lib/contract/jobs'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { startMain } from '@/testing/processes/main-process'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun } from '@/server/db/jobs/runs'

const home = createTestHome()

it('streams to a page what another process does with a run, whichever process the page is connected to', async () => {
  const { cookie } = await signInAs(home.services, 'viewer')
  const runId = await queueRun(home.database, {
    kind: 'ingest',
    title: 'Load',
    spec: {},
    actor: COMMAND_LINE,
    table: null,
  })
  const handler = await loadRouteHandler(home.services, watchRuns)
  const request = new Request('http://test/api/v1/jobs/events', { headers: { cookie } })
  const response = await handler(request, { params: Promise.resolve({}) })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error('there is no stream')
  onTestFinished(() => reader.cancel())

  const cancelled = startMain('build/cli.mjs', ['jobs', 'cancel', runId], {})
  let received = ''
  while (!received.includes('"cancelled"')) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the stream ended after ${received}`)
    received += value
  }
  expect(await cancelled.ended).toBe(0)
  // The stream may begin before the run's first change is known to all, and then reports that one, too.
  const json = [...received.matchAll(/event: runs\ndata: (.*)/g)].at(-1)?.[1] ?? ''
  const { runs } = runsChangedEvent.parse(JSON.parse(json))
  expect(runs.map(({ id, state }) => [id, state])).toEqual([[runId, 'cancelled']])
})
