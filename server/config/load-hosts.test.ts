import { expect, it } from 'vitest'
import { findLoadHost, loadHostsSchema } from './load-hosts'

const parse = (text: string, isPrivate = false) => loadHostsSchema({ isPrivate }).parse(text)
const allows = (setting: string, url: string) => findLoadHost(parse(setting), new URL(url)) !== null

it('Without the setting no host is allowed', () => {
  expect(loadHostsSchema({ isPrivate: false }).parse(undefined)).toEqual([])
  expect(allows('', 'https://data.example.org/a.csv')).toBe(false)
})

it.each([
  ['data.example.org', 'https://data.example.org/a.csv', true],
  ['DATA.Example.org', 'https://data.example.org:443/a.csv', true],
  ['data.example.org', 'https://DATA.example.org/a.csv', true],
  ['bücher.example', 'https://xn--bcher-kva.example/a.csv', true],
  ['data.example.org', 'http://data.example.org/a.csv', false],
  ['data.example.org', 'https://data.example.org:8443/a.csv', false],
  ['data.example.org', 'https://www.data.example.org/a.csv', false],
  ['data.example.org', 'https://data.example.org./a.csv', false],
  ['data.example.org', 'https://data.example.org.evil.example/a.csv', false],
  ['data.example.org', 'https://data.example.org@evil.example/a.csv', false],
  ['data.example.org:8443', 'https://data.example.org:8443/a.csv', true],
  ['data.example.org:8443', 'https://data.example.org/a.csv', false],
  ['http://data.example.org', 'http://data.example.org/a.csv', true],
  ['http://data.example.org', 'https://data.example.org/a.csv', false],
  ['*.gov.example', 'https://a.b.gov.example/a.csv', true],
  ['*.gov.example', 'https://gov.example/a.csv', false],
  ['*.gov.example', 'https://evilgov.example/a.csv', false],
  ['a.example, b.example', 'https://b.example/', true],
  ['a.example', 'ftp://a.example/', false],
  ['192.0.2.7', 'https://192.0.2.7/', true],
  ['192.0.2.7', 'https://0xc0000207/', true],
  ['[2001:db8::1]', 'https://[2001:DB8:0::1]/', true],
  ['[2001:db8::1]', 'https://[2001:db8::2]/', false],
])('%s and %s: %j', (setting, url, isAllowed) => {
  expect(allows(setting, url)).toBe(isAllowed)
})

it.each([
  '*',
  '*.',
  '*.example',
  '*.192.0.2.7',
  'a.*.example',
  'ftp://a.example',
  'a.example/path',
  'u@a.example',
  'a b',
  'https://',
])('%s is not a host', (text) => {
  expect(loadHostsSchema({ isPrivate: false }).safeParse(text).success).toBe(false)
})

it('A host inside the network is named exactly', () => {
  expect(parse('http://files.intern:8080', true)).toMatchObject([{ isPrivate: true, port: '8080', protocol: 'http:' }])
  expect(loadHostsSchema({ isPrivate: true }).safeParse('*.files.intern').success).toBe(false)
})
