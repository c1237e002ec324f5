import 'server-only'
import { parseLocation } from '../location-gate'

/** Of an account: its name and the cloud it is in, `core.windows.net` or another. */
export type Account = { account: string; cloud: string }

/**
 * The account that roots are of. One address and one secret are for one account, so they have to be of the same.
 *
 * @throws {TypeError} where they are not
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

/** Where an account is asked, unless another endpoint is named. */
export function accountUrl({ account, cloud }: Account): string {
  return `https://${account}.blob.${cloud}`
}
