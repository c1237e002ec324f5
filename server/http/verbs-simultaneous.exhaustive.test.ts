import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { ALL_VERBS } from '@/testing/conformance/verbs/all-verbs'
import { describeSimultaneousRequests } from '@/testing/conformance/verbs/simultaneous-requests'
import { createTestHome, signInAs } from '@/testing/homes/test-home'

/** Only a catalog that has its own files puts metadata back. */
const EMBEDDED_ONLY = new Set(['undo-expiry', 'restore-table', 'restore-view'])

describe('In the embedded catalog', () => {
  describeSimultaneousRequests(createTestHome(), ALL_VERBS)
})

describe('In the catalog of a connection', () => {
  const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
  let listener: RestListener
  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    const admin = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
    await addMirror(home, { name: 'mirror', listener, token, admin, storage: 'local' })
  })
  afterAll(() => listener.stop())

  const verbs = ALL_VERBS.filter(({ name }) => !EMBEDDED_ONLY.has(name))
  // A purge reads every table of such a catalog, so these come first, while it has few.
  const isRemoval = ({ name }: (typeof verbs)[number]) => name === 'purge-table' || name === 'drop-table'
  describeSimultaneousRequests(
    home,
    verbs.toSorted((a, b) => Number(isRemoval(b)) - Number(isRemoval(a))),
    'mirror',
  )
})
