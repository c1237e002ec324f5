import { expect, it } from 'vitest'
import { getTable } from '@/lib/contract/table/tables'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { serve } from './serve'

const home = createTestHome()

it('The console names a damaged metadata file and the version before it (commit-safety 10)', async () => {
  const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const { metadataLocation } = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: ONE_COLUMN_SCHEMA,
  })
  const location = metadataLocation.replace('/00000-', '/00001-')
  await (await catalog.openStore(identifier)).writeNew(location, new Uint8Array())
  await home.database.commit([
    rawChange('UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?', [
      location,
      metadataLocation,
    ]),
  ])
  const served = serve(home.services, getTable, async (input, { actor, signal }) => {
    await (await home.services.catalogs.open(input.catalog, actor)).loadTable(input, { signal })
    throw new Error('the table was loaded')
  })
  const { cookie } = await signInAs(home.services, 'viewer')
  const request = new Request('http://localhost/api/v1/catalogs/local/namespaces/demo/tables/t', {
    headers: { cookie },
  })
  const params = Promise.resolve({ catalog: 'local', namespace: 'demo', table: 't' })
  const response = await served.handle(request, { params })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    code: 'file-damaged',
    facts: { location, previousLocation: metadataLocation },
  })
})
