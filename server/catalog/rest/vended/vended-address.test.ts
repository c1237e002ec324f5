import { describe, expect, it } from 'vitest'
import { checkVendedAddress } from './vended-address'

const PUBLIC = ['203.0.114.7', '2600:1f18::1']
const check = (address: string, trusted: readonly string[] = [], ips: readonly string[] = PUBLIC) =>
  checkVendedAddress({ address, trusted, resolve: async () => ips })

describe('A vended storage endpoint', () => {
  it.each([
    ['https://s3.eu-west-1.amazonaws.com', 'https://s3.eu-west-1.amazonaws.com'],
    ['https://acc.r2.cloudflarestorage.com/', 'https://acc.r2.cloudflarestorage.com'],
    ['https://p.supabase.co/storage/v1/s3/', 'https://p.supabase.co/storage/v1/s3'],
    ['http://203.0.114.7:9000', 'http://203.0.114.7:9000'],
  ])('on the public internet is used: %s', async (address, endpoint) => {
    expect(await check(address)).toEqual({ endpoint, reach: 'outside' })
  })

  it.each([
    'http://169.254.169.254',
    'http://169.254.169.254:80/latest',
    'http://2852039166',
    'http://0xa9fea9fe',
    'http://0251.0376.0251.0376',
    'http://[::ffff:169.254.169.254]',
    'http://[fe80::1]',
    'http://[fd00:ec2::254]',
  ])('that is link-local is always refused: %s', async (address) => {
    await expect(check(address, [address])).rejects.toMatchObject({ code: 'forbidden', message: /link-local/ })
  })

  it.each([
    'http://127.0.0.1:9000',
    'http://127.1',
    'http://0.0.0.0',
    'http://[::1]:9000',
    'http://[::ffff:127.0.0.1]',
    'http://10.0.0.5',
    'http://172.31.0.1',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://[fc00::5]',
    'http://[::]',
  ])('inside this network is refused, unless the connection names it: %s', async (address) => {
    await expect(check(address, ['https://catalog.example.com'])).rejects.toMatchObject({ code: 'forbidden' })
    const endpoint = new URL(address).href.replace(/\/$/, '')
    expect(await check(address, [address])).toEqual({ endpoint, reach: 'anywhere' })
  })

  it('inside this network is refused with advice', async () => {
    await expect(check('http://10.0.0.5:9000/x')).rejects.toMatchObject({
      message:
        'The catalog sent http://10.0.0.5:9000 as storage endpoint, which is inside this network. To allow it, an admin must add storage with this endpoint to the connection.',
      facts: { endpoint: 'http://10.0.0.5:9000' },
    })
  })

  it.each(['http://localhost:9000', 'http://minio:9000', 'https://innocent.example.com'])(
    'is checked by the addresses of its host name: %s',
    async (address) => {
      for (const ip of ['127.0.0.1', '10.1.2.3', '::1', 'fd12::1']) {
        await expect(check(address, [], ['203.0.114.7', ip])).rejects.toMatchObject({ code: 'forbidden' })
        expect(await check(address, [address], [ip])).toEqual({ endpoint: address, reach: 'anywhere' })
      }
      await expect(check(address, [address], ['169.254.1.1'])).rejects.toMatchObject({ code: 'forbidden' })
    },
  )

  it('on the catalog’s own host is used on any port', async () => {
    const catalogs = ['http://lake.internal:8181/catalog']
    expect(await check('http://lake.internal:9000', catalogs, ['10.0.0.5'])).toMatchObject({ reach: 'anywhere' })
  })

  it('is also checked with the bucket as a subdomain, if requests go there', async () => {
    const addressByHost: Record<string, string> = {
      'open.example.com': '203.0.114.7',
      'b.open.example.com': '169.254.169.254',
    }
    const resolve = async (host: string) => [addressByHost[host] ?? '']
    const vendedAddress = { address: 'https://open.example.com', trusted: [], resolve }
    expect(await checkVendedAddress(vendedAddress)).toMatchObject({ endpoint: 'https://open.example.com' })
    await expect(checkVendedAddress({ ...vendedAddress, bucket: 'b' })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it.each([
    '',
    'minio:9000',
    'file:///etc',
    'ftp://x',
    'http://user:pass@x.com',
    'https://x.com?a=b',
    'https://x.com#a',
  ])('that is not a plain URL is refused: %j', async (address) => {
    await expect(check(address, [address])).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('whose host name does not resolve is reported', async () => {
    await expect(checkVendedAddress({ address: 'https://nowhere.invalid', trusted: [] })).rejects.toMatchObject({
      code: 'catalog-unavailable',
    })
    await expect(checkVendedAddress({ address: 'http://localhost:1', trusted: [] })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
