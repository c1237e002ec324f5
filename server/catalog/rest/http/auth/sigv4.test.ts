import { createHash, createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { sigV4Authorizer } from './sigv4'

/** The keys and the time in AWS's published test suite for Signature Version 4. */
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const AT_MS = Date.UTC(2015, 7, 30, 12, 36, 0)

function signer(
  service: string,
  credentials: Parameters<typeof sigV4Authorizer>[0]['credentials'] = { kind: 'keys', ...KEYS },
) {
  return sigV4Authorizer({ kind: 'sigv4', region: 'us-east-1', service, credentials }, () => AT_MS)
}

const unsigned = (method: string, url: string, body?: string) => ({ method, url: new URL(url), headers: {}, body })

const WAIT = { maxWaitMs: 10_000 }

describe('A request is signed', () => {
  it.each([
    [
      'get-vanilla',
      'GET',
      'https://example.amazonaws.com/',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'post-vanilla',
      'POST',
      'https://example.amazonaws.com/',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      'https://example.amazonaws.com/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('as in %s of AWS’s test suite', async (_name, method, url, signature) => {
    const { authorization } = await signer('service').authorize(unsigned(method, url), WAIT)
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    )
  })

  it.each(['glue', 's3tables'])('for %s, with a path that is encoded twice for the signature', async (service) => {
    const url = `https://${service}.us-east-1.amazonaws.com/iceberg/v1/arn%3Aaws/namespaces/a%1Fb/tables?pageToken=`
    const body = '{"name":"t"}'
    const sent = await signer(service, { kind: 'keys', ...KEYS, sessionToken: 'st' }).authorize(
      unsigned('POST', url, body),
      WAIT,
    )
    expect(sent['x-amz-security-token']).toBe('st')
    // The signature is computed step by step, as in AWS's guide.
    const canonical = [
      'POST',
      '/iceberg/v1/arn%253Aaws/namespaces/a%251Fb/tables',
      'pageToken=',
      `host:${service}.us-east-1.amazonaws.com`,
      'x-amz-date:20150830T123600Z',
      'x-amz-security-token:st',
      '',
      'host;x-amz-date;x-amz-security-token',
      sha256(body),
    ].join('\n')
    const scope = `20150830/us-east-1/${service}/aws4_request`
    const toSign = ['AWS4-HMAC-SHA256', '20150830T123600Z', scope, sha256(canonical)].join('\n')
    const key = scope
      .split('/')
      .reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${KEYS.secretAccessKey}`)
    expect(sent['authorization']).toContain(`Credential=AKIDEXAMPLE/${scope},`)
    expect(sent['authorization']).toContain(`Signature=${hmac(key, toSign).toString('hex')}`)
  })
})

describe('Keys of AWS’s credential chain', () => {
  const names = [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_PROFILE',
    'AWS_EC2_METADATA_DISABLED',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
  ]
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]))
  afterEach(() => {
    for (const name of names) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })

  it('come from the environment if it has some', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDCHAIN', AWS_SECRET_ACCESS_KEY: 'secret' })
    const chain = signer('glue', { kind: 'chain' })
    const sent = await chain.authorize(unsigned('GET', 'https://glue.us-east-1.amazonaws.com/iceberg/v1/config'), WAIT)
    expect(sent['authorization']).toContain('Credential=AKIDCHAIN/')
    expect(chain.handleUnauthorized(sent)).toBe(false)
  })

  it('that are missing are reported as a fault of the connection, not of the person', async () => {
    delete process.env.AWS_ACCESS_KEY_ID
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    })
    const chain = signer('glue', { kind: 'chain', profile: 'nobody' })
    await expect(chain.authorize(unsigned('GET', 'https://glue.us-east-1.amazonaws.com/'), WAIT)).rejects.toMatchObject(
      {
        code: 'catalog-refused',
      },
    )
  })
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
