import 'server-only'
import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { AppError } from '@/lib/errors'
import { isPrivateAddress } from './private-addresses'
import { isMetadataAddress } from './metadata-addresses'

/**
 * Where a request may go. Never to the metadata service of a cloud. Most catalogs and stores are at private and
 * loopback addresses: `anywhere` allows them, for addresses that an admin configured; `outside` does not, for addresses
 * from any other source.
 */
export type Reach = 'anywhere' | 'outside'

/** @throws {AppError} forbidden for a numeric address; {@link safeLookup} checks names */
export function requireSafeHost({ hostname }: URL, reach: Reach): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  const refusal = isIP(address) === 0 ? null : findRefusal(hostname, [address], reach)
  if (refusal !== null) throw refusal
}

/** Resolves a name and checks the addresses that are then connected to, so that a name cannot change in between. */
export function safeLookup(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
      const refusal = error ?? findRefusal(hostname, addresses, reach)
      if (refusal === null) callback(null, found, family)
      else callback(refusal, [])
    })
  }
}

/** Null when a request may go to all of the addresses. */
function findRefusal(host: string, addresses: readonly string[], reach: Reach): AppError | null {
  if (addresses.some(isMetadataAddress)) {
    return new AppError('forbidden', `${host} is a cloud metadata address. Lakeshore sends no requests there.`)
  }
  if (reach === 'outside' && addresses.some(isPrivateAddress)) {
    return new AppError('forbidden', `${host} leads to an address inside this network that no admin configured.`)
  }
  return null
}
