import 'server-only'
import { parseLocation } from '../../locations/location-gate'

/** A storage account: its name and its cloud, `core.windows.net` or another. */
export type Account = { account: string; cloud: string }

/**
 * The account that all roots are in. They must share one, because the endpoint and the secret belong to one account.
 *
 * @throws {TypeError} when the roots are in several accounts
 */
export function requireSingleAccount(roots: readonly string[]): Account {
  const accounts = roots.map((root) => {
    const parsed = parseLocation(root)
    if (parsed?.scheme !== 'azure') throw new TypeError('A root of an Azure store is not in Azure.')
    return { account: parsed.account, cloud: parsed.cloud }
  })
  const [first] = accounts
  if (!first || accounts.some(({ account, cloud }) => account !== first.account || cloud !== first.cloud)) {
    throw new TypeError('The roots of an Azure store are not in one account.')
  }
  return first
}

/** Azure's own endpoint of an account. */
export function accountUrl({ account, cloud }: Account): string {
  return `https://${account}.blob.${cloud}`
}
