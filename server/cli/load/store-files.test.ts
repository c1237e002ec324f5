import { afterAll, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { findInputs } from './input-files'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const find = async (...texts: string[]) => {
  const given = texts.map((file) => ({ file }))
  const inputs = await findInputs(home.services, given, new AbortController().signal)
  return inputs.map((input) => ('location' in input ? input.location : input))
}

it('A folder in the store of the warehouse stands for the files below it, and a name without a slash for one file', async () => {
  const store = home.services.stores.catalogStore(home.config.catalogName)
  for (const name of ['in/may/b.csv', 'in/may/a.csv', 'in/june/c.csv', 'in/_SUCCESS', 'other/d.csv'])
    await store.writeNew(`s3://lake/wh/${name}`, new TextEncoder().encode('id\n'))
  const inFolder = ['june/c.csv', 'may/a.csv', 'may/b.csv'].map((name) => `s3://lake/wh/in/${name}`)
  expect(await find('s3://lake/wh/in/')).toEqual(inFolder)
  expect(await find('s3://lake/wh/other/d.csv', 's3://lake/wh/in/may//')).toEqual([
    's3://lake/wh/other/d.csv',
    ...inFolder.slice(1),
  ])
  expect(await find('s3://lake/wh/in')).toEqual(['s3://lake/wh/in'])
  await expect(find('s3://lake/wh/none/')).rejects.toMatchObject({ code: 'file-missing' })
})
