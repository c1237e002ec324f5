import { expect, it } from 'vitest'
import { getTable } from '@/lib/contract/table/tables'
import { call } from './call'

it.each(['.', '..'])('sends no request for a table named %s, which would be for another endpoint', async (table) => {
  const request = call(getTable, { catalog: 'local', namespace: ['demo'], table })
  await expect(request).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining(table) })
})
