import { expect, it } from 'vitest'
import { apiDocs } from './api-docs'
import { contractEndpoints } from './contract-endpoints'

it('has every endpoint of the contract in docs/api.md, as it is now', async () => {
  await expect(apiDocs(await contractEndpoints())).toMatchFileSnapshot('../docs/api.md')
})
