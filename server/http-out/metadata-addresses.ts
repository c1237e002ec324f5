import 'server-only'
import { BlockList, isIP } from 'node:net'

/**
 * Addresses at which clouds give a machine information about itself, including its credentials. No catalog or store has
 * such an address, so Lakeshore sends no request there, no matter who configured it. IPv6 has several ways to write an
 * IPv4 address.
 */
const METADATA = new BlockList()
METADATA.addSubnet('169.254.0.0', 16, 'ipv4')
METADATA.addSubnet('fe80::', 10, 'ipv6')
for (const address of ['fd00:ec2::254', 'fd00:ec2::23']) METADATA.addAddress(address, 'ipv6') // AWS
METADATA.addAddress('fd20:ce::254', 'ipv6') // Google Cloud
METADATA.addAddress('fd00:c1::a9fe:a9fe', 'ipv6') // Oracle Cloud
METADATA.addAddress('fd00:42::42', 'ipv6') // Scaleway
METADATA.addAddress('fd00:a9fe:a9fe::1', 'ipv6') // Linode
METADATA.addAddress('fd00:100::100:200', 'ipv6') // Alibaba Cloud
METADATA.addAddress('100.100.100.200', 'ipv4') // Alibaba Cloud
METADATA.addAddress('192.0.0.192', 'ipv4') // Oracle Cloud
METADATA.addAddress('168.63.129.16', 'ipv4') // Azure

/** Prefixes before the 32 bits of an IPv4 address: compatible, translated (RFC 7915), NAT64 (RFC 6052); and 6to4. */
for (const prefix of ['::', '::ffff:0:', '64:ff9b::', '64:ff9b:1::']) {
  METADATA.addSubnet(`${prefix}a9fe:0`, 112, 'ipv6')
  for (const address of ['6464:64c8', 'c000:c0', 'a83f:8110']) METADATA.addAddress(prefix + address, 'ipv6')
}
METADATA.addSubnet('2002:a9fe::', 32, 'ipv6')
for (const net of ['2002:6464:64c8::', '2002:c000:c0::', '2002:a83f:8110::']) METADATA.addSubnet(net, 48, 'ipv6')

/** @param address numeric, as name servers and `URL` write it */
export function isMetadataAddress(address: string): boolean {
  const withoutZone = address.replace(/%.*$/, '')
  return METADATA.check(withoutZone, isIP(withoutZone) === 6 ? 'ipv6' : 'ipv4')
}
