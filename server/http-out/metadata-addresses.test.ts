import { expect, test } from 'vitest'
import { isMetadataAddress } from './metadata-addresses'

/** Normalizes a host as `URL` does: decimal, octal and hexadecimal numbers become dotted ones. */
const hostOf = (host: string) => new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')

test.each([
  '169.254.169.254',
  '169.254.170.2',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[::ffff:0:169.254.169.254]',
  '[64:ff9b::169.254.169.254]',
  '[64:ff9b:1::169.254.169.254]',
  '[2002:a9fe:a9fe::]',
  '[fe80::1]',
  '[febf::1]',
  '[fd00:ec2::254]',
  '[fd00:ec2:0:0::254]',
  '[fd00:ec2::23]',
  '[fd20:ce::254]',
  '[fd00:42::42]',
  '[fd00:c1::a9fe:a9fe]',
  '[fd00:a9fe:a9fe::1]',
  '[fd00:100::100:200]',
  '[2002:6464:64c8::]',
  '[2002:a83f:8110::1]',
  '100.100.100.200',
  '[::ffff:100.100.100.200]',
  '[64:ff9b::100.100.100.200]',
  '192.0.0.192',
  '168.63.129.16',
])('no request is ever sent to %s', (host) => {
  expect(isMetadataAddress(hostOf(host))).toBe(true)
})

test('nor to an address with an interface name', () => {
  expect(isMetadataAddress('fe80::1%eth0')).toBe(true)
})

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '192.168.1.1',
  '[::1]',
  '[fd00::1]',
  '[::ffff:10.0.0.1]',
  '203.0.113.7',
  '[2600::1]',
])('requests may be sent to %s', (host) => {
  expect(isMetadataAddress(hostOf(host))).toBe(false)
})
