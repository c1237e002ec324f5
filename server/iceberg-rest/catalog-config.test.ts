import { expect, it } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { readCatalogConfig } from './catalog-config'

const home = createTestHome()

it('The catalog’s configuration is available to all users, even when a connection requires own credentials', async () => {
  const actor = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  await addConnection(
    home.services,
    {
      name: 'aaa',
      settings: {
        kind: 'rest',
        uri: 'http://127.0.0.1:9',
        warehouse: 'lake',
        prefix: null,
        auth: { kind: 'bearer' },
        headerNames: [],
        delegation: 'none',
        storage: null,
        mappings: [],
        ownCredentials: 'required',
      },
      secrets: { token: 'shared' },
    },
    { actor, requestId: 'r1' },
  )
  await expect(home.services.catalogs.open('aaa', actor)).rejects.toMatchObject({ code: 'credentials-required' })
  for (const warehouse of [null, '', 'local']) {
    expect((await readCatalogConfig(home.services, warehouse, actor)).json).toMatchObject({
      overrides: { prefix: 'local' },
    })
  }
  await expect(readCatalogConfig(home.services, 'aaa', actor)).rejects.toMatchObject({ code: 'not-found' })
})
