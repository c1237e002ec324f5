import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealProvider, requestServiceToken, SERVICE_CLIENT, startRealProvider } from '@/testing/oidc/real-provider'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'

/** PyIceberg with access tokens that it requests from an identity provider, as a service account. */

const python = installPyiceberg()

describe.skipIf(python === null)('PyIceberg with tokens of a provider (skipped when it is unavailable)', () => {
  let folder: string
  let provider: RealProvider
  let server: Lakeshore
  let session: PythonSession

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'provider-tokens-'))
    provider = await startRealProvider('http://lake.example')
    server = await startLakeshore(folder, provider.settings)
    await server.run('user', 'add', 'etl', '--role', 'editor', '--subject', SERVICE_CLIENT.id)
    session = openPyiceberg({
      uri: server.uri,
      credential: `${SERVICE_CLIENT.id}:${SERVICE_CLIENT.secret}`,
      'oauth2-server-uri': `${provider.issuer}/token`,
      scope: 'catalog',
    })
  })
  afterAll(async () => {
    await session?.stop()
    await server?.stop()
    await provider?.stop()
    rmSync(folder, { recursive: true })
  })

  test('It writes and loads a table as the user of its subject', async () => {
    const answer = await session.request({
      code: `
catalog.create_namespace('shop')
orders = catalog.create_table('shop.orders', schema=pa.schema([('id', pa.int64())]))
orders.append(pa.table({'id': [1, 2, 3]}))
answer = catalog.load_table('shop.orders').scan().to_arrow()['id'].to_pylist()`,
    })
    expect(answer).toEqual([1, 2, 3])
  })

  test('A token is refused at once when its user is disabled', async () => {
    await server.run('user', 'disable', 'etl')
    const headers = { authorization: `Bearer ${await requestServiceToken(provider)}` }
    expect((await fetch(`${server.uri}/v1/config`, { headers })).status).toBe(401)
  })
})
