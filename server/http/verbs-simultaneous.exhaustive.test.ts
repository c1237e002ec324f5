import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { ALL_VERBS } from '@/testing/conformance/verbs/all-verbs'
import { describeSimultaneousRequests } from '@/testing/conformance/verbs/simultaneous-requests'
import { createTestHome, signInAs } from '@/testing/homes/test-home'

const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
let listener: RestListener

/** Only a catalog that has its own files puts metadata back. */
const EMBEDDED_ONLY = new Set(['undo-expiry', 'restore-table', 'restore-view'])

beforeAll(async () => {
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'admin')
  const admin = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  await addMirror(home, { name: 'mirror', listener, token, admin, storage: 'local' })
})
afterAll(() => listener.stop())

describe('In the embedded catalog', () => {
  describeSimultaneousRequests(home, ALL_VERBS)
})

describe('In the catalog of a connection', () => {
  const verbs = ALL_VERBS.filter(({ name }) => !EMBEDDED_ONLY.has(name))
  describeSimultaneousRequests(home, verbs, 'mirror')
})
