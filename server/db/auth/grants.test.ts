import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import {
  commitGrant,
  deleteGrantChange,
  type Holder,
  MAX_GRANTS_PER_HOLDER,
  listGrants,
  putGrantChanges,
} from './grants'

const home = createTestHome()
const HOLDER: Holder = { kind: 'group', id: 'many' }
const put = (index: number, holder = HOLDER) =>
  putGrantChanges({
    grantId: `${holder.id} ${index}`,
    holder,
    role: 'viewer',
    resource: { catalog: 'local', namespace: ['n'], table: `t${index}` },
    createdBy: 'a test',
  })

it('A holder has as many grants as allowed, and then replaces one or gives one back', async () => {
  await home.database.commit(Array.from({ length: MAX_GRANTS_PER_HOLDER }, (_, index) => put(index)).flat())
  const refusal = expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining('1000 of this') })
  await expect(commitGrant(home.database, put(MAX_GRANTS_PER_HOLDER))).rejects.toEqual(refusal)
  const filter = { holder: HOLDER }
  expect(await listGrants(home.database, filter, 2_000)).toHaveLength(MAX_GRANTS_PER_HOLDER)

  // Replaces the grant on the same table.
  await commitGrant(home.database, put(7))
  await commitGrant(home.database, put(0, { kind: 'group', id: 'few' }))
  await home.database.commit([deleteGrantChange('many 8')])
  await commitGrant(home.database, put(MAX_GRANTS_PER_HOLDER))
  expect(await listGrants(home.database, filter, 2_000)).toHaveLength(MAX_GRANTS_PER_HOLDER)
})
