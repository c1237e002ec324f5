import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { ACCOUNT_KEY, AzureStandIn } from '@/scripts/azure-stand-in'
import { GcsStandIn } from '@/scripts/gcs-stand-in'
import { KEYS, S3StandIn } from '@/scripts/s3-stand-in'
import { type ProvenStore, proveStore } from '@/scripts/store-conformance'
import { azureStore } from './azure/azure-store'
import { gcsStore } from './gcs/gcs-store'
import { localStore } from './local/local-store'
import { s3Store } from './s3/s3-store'

const SIZES = { firstPauseMs: 1, partBytes: 1024 * 1024, largestWholeBytes: 1024 * 1024 }

describe('Without others', () => {
  let folder: string
  const s3 = new S3StandIn()
  const azure = new AzureStandIn()
  const gcs = new GcsStandIn()
  const proven = new Map<string, ProvenStore>()
  const openedAs = (kind: string) => () => {
    const found = proven.get(kind)
    if (!found) throw new Error(`No store was opened as ${kind}.`)
    return found
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'object-store-'))
    await mkdir(path.join(folder, 'in'))
    const inside = `file://${folder}/in`
    proven.set('A folder', { store: localStore([inside]), folder: `${inside}/t`, outside: `file://${folder}` })

    const bucket = {
      kind: 's3' as const,
      roots: ['s3://lake/wh'],
      endpoint: await s3.start(),
      region: 'us-east-1',
      isPathStyle: true,
    }
    proven.set('S3', {
      store: s3Store({ ...bucket, credentials: { kind: 'keys', ...KEYS } }, SIZES),
      folder: 's3://lake/wh/t',
      outside: 's3://lake/other',
    })

    const container = 'abfss://lake@acme.dfs.core.windows.net'
    const credentials = { kind: 'account-key' as const, accountKey: ACCOUNT_KEY }
    proven.set('Azure', {
      store: azureStore(
        { kind: 'azure', roots: [`${container}/wh`], endpoint: await azure.start(), credentials },
        SIZES,
      ),
      folder: `${container}/wh/t`,
      outside: `${container}/other`,
    })

    gcs.token = 't1'
    proven.set('Google', {
      store: gcsStore(
        {
          kind: 'gcs',
          roots: ['gs://lake/wh'],
          endpoint: await gcs.start(),
          credentials: { kind: 'bearer', token: gcs.token },
        },
        SIZES,
      ),
      folder: 'gs://lake/wh/t',
      outside: 'gs://lake/other',
    })
  })
  afterAll(async () => {
    await s3.stop()
    await azure.stop()
    await gcs.stop()
    await rm(folder, { recursive: true })
  })

  for (const kind of ['A folder', 'S3', 'Azure', 'Google']) proveStore(kind, openedAs(kind))
})
