import 'server-only'
import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { AppError } from '@/lib/errors'
import { isPrivateAddress } from './private-addresses'
import { isMetadataAddress } from './metadata-addresses'

/**
 * Where a request may lead. Never to an address where machines are told about themselves. Private and loopback ones
 * are where most catalogs and stores are: `anywhere` allows them, for addresses that an admin named; `outside`, for
 * those that somebody else did, does not.
 */
export type Reach = 'anywhere' | 'outside'

/** @throws {AppError} forbidden for an address written out; names are judged by {@link safeLookup} */
export function requireSafeHost({ hostname }: URL, reach: Reach): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  const refusal = isIP(address) === 0 ? null : findRefusal(hostname, [address], reach)
  if (refusal !== null) throw refusal
}

/** Resolves a name and judges what is then connected to, so that a name cannot change its address in between. */
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

/** Null where a request may go to all of the addresses. */
function findRefusal(host: string, addresses: readonly string[], reach: Reach): AppError | null {
  if (addresses.some(isMetadataAddress)) {
    return new AppError(
      'forbidden',
      `${host} leads to where machines are told about themselves. Nothing is asked there.`,
    )
  }
  if (reach === 'outside' && addresses.some(isPrivateAddress)) {
    return new AppError('forbidden', `${host} leads inside this network, to an address that no admin named.`)
  }
  return null
}
