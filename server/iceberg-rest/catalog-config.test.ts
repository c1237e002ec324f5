import { expect, it } from 'vitest'
import { makeTestHome, signInAs } from '@/scripts/test-home'
import { actorFor } from '@/server/auth/actor'
import { openCatalog } from '@/server/catalog/open-catalog'
import { addConnection } from '@/server/connections/connections'
import { catalogConfig } from './catalog-config'

makeTestHome()

it('is told to everybody, also beside a connection that lets nobody in but as themselves', async () => {
  const actor = actorFor({ ...(await signInAs('admin')), role: 'admin' })
  await addConnection(
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
  await expect(openCatalog('aaa', actor)).rejects.toMatchObject({ code: 'own-login-wanted' })
  for (const warehouse of [null, '', 'local']) {
    expect((await catalogConfig(warehouse, actor)).json).toMatchObject({ overrides: { prefix: 'local' } })
  }
  await expect(catalogConfig('aaa', actor)).rejects.toMatchObject({ code: 'not-found' })
})
