import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installAzurite, type Azurite, startAzurite } from '@/testing/stores/azurite'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { writeSelfSignedCertificate } from '@/testing/processes/self-signed-certificate'
import { describeStore } from '@/testing/conformance/store'
import type { ObjectStore } from '../object-store'
import type { AzureAccess, AzureCredentials } from '../../locations/storage-access'
import { azureStore } from './azure-store'

const SIZES = { firstPauseMs: 1, partBytes: 1024 * 1024, maxSingleUploadBytes: 1024 * 1024 }
const program = await installOrSkip('Azurite', installAzurite)

describe.skipIf(program === null)('Azurite (skipped if it is not available)', () => {
  let azurite: Azurite
  let store: ObjectStore
  let folder: string

  beforeAll(async () => {
    azurite = await startAzurite()
    folder = azurite.access.roots[0] ?? ''
    store = openStore({})
  })
  afterAll(() => azurite.stop())

  const openStore = (overrides: Partial<AzureAccess>) => azureStore({ ...azurite.access, ...overrides }, SIZES)
  const encode = (of: string) => new TextEncoder().encode(of)
  const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

  describeStore('An account with its key', () => ({
    store: openStore({ roots: [`${folder}/wh`] }),
    folder: `${folder}/wh/t`,
    outside: `${folder}/other`,
  }))

  describeStore('An account with a shared access signature', () => ({
    store: openStore({ roots: [`${folder}/sas`], credentials: { kind: 'sas', token: `?${azurite.sas}` } }),
    folder: `${folder}/sas/t`,
    outside: `${folder}/other`,
  }))

  test('lists all names across several pages', async () => {
    const names = Array.from({ length: 1_003 }, (_, i) => `f${i}`)
    for (let start = 0; start < names.length; start += 100) {
      const some = names.slice(start, start + 100)
      await Promise.all(some.map((name) => store.writeNew(`${folder}/many/${name}`, encode('x'))))
    }
    expect((await store.listNames(`${folder}/many`, { limit: 2_000 })).sort()).toEqual(names.sort())
  })

  test('reports a missing container and wrong credentials', async () => {
    await store.writeNew(`${folder}/a`, encode('x'))
    const nowhere = folder.replace('lake@', 'nowhere@')
    await expect(openStore({ roots: [nowhere] }).read(`${nowhere}/a`)).rejects.toThrow('no container named nowhere')
    const wrong: AzureCredentials[] = [
      { kind: 'account-key', accountKey: Buffer.from('another').toString('base64') },
      { kind: 'sas', token: azurite.sas.replace(/sig=../, 'sig=AA') },
      { kind: 'anonymous' },
    ]
    for (const credentials of wrong) {
      const storeWithWrongCredentials = openStore({ credentials })
      await expect(storeWithWrongCredentials.read(`${folder}/a`), credentials.kind).rejects.toThrow(
        errorWithCode('forbidden'),
      )
      await expect(storeWithWrongCredentials.sizeBytes(`${folder}/a`), credentials.kind).rejects.toThrow(
        errorWithCode('forbidden'),
      )
      await expect(storeWithWrongCredentials.hasFiles(folder), credentials.kind).rejects.toThrow(
        errorWithCode('forbidden'),
      )
      await expect(storeWithWrongCredentials.writeNew(`${folder}/b`, encode('x')), credentials.kind).rejects.toThrow(
        errorWithCode('forbidden'),
      )
    }
  })
})

describe.skipIf(program === null)('Azurite with tokens of Entra (skipped if it is not available)', () => {
  const trustedBefore = getCACertificates()
  let folder: string
  let azurite: Azurite
  let entra: Server
  let issued = 0

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'azurite-tls-'))
    const tls = await writeSelfSignedCertificate(folder)
    setDefaultCACertificates([...trustedBefore, readFileSync(tls.cert, 'utf8')])
    azurite = await startAzurite(tls)
    entra = createServer((_request, response) => {
      issued += 1
      response.end(JSON.stringify({ access_token: entraToken(), expires_in: 3600 }))
    })
    await new Promise<void>((resolve) => void entra.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    setDefaultCACertificates(trustedBefore)
    entra?.closeAllConnections()
    await new Promise((resolve) => (entra ? entra.close(resolve) : resolve(null)))
    await azurite?.stop()
    rmSync(folder, { recursive: true })
  })

  describeStore('An account with a client secret', () => {
    const folder = `${azurite.access.roots[0]}/entra`
    const authority = `http://127.0.0.1:${(entra.address() as AddressInfo).port}`
    const credentials = { kind: 'client-secret', tenantId: 't', clientId: 'c', clientSecret: 's', authority } as const
    const store = azureStore({ ...azurite.access, roots: [folder], credentials }, SIZES)
    return { store, folder: `${folder}/t`, outside: azurite.access.roots[0] ?? '' }
  })

  test('authorizes all requests with one token, and is refused with another', async () => {
    const root = azurite.access.roots[0] ?? ''
    const openStore = (token: string) =>
      azureStore({ ...azurite.access, credentials: { kind: 'bearer', token } }, SIZES)
    expect(await openStore(entraToken()).hasFiles(root)).toBe(true)
    await expect(openStore('abc').hasFiles(root)).rejects.toMatchObject({ code: 'forbidden' })
    expect(issued).toBe(1)
  })
})

/** Has the claims that Azurite checks, and a signature that it does not check. */
function entraToken(): string {
  const seconds = Math.floor(Date.now() / 1000)
  const claims = {
    aud: 'https://storage.azure.com',
    iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/',
    iat: seconds,
    nbf: seconds - 60,
    exp: seconds + 3600,
  }
  const [head, body] = [{ typ: 'JWT', alg: 'RS256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${head}.${body}.${Buffer.from('none').toString('base64url')}`
}
