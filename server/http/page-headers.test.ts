import { NextRequest } from 'next/server'
import { beforeAll, expect, it } from 'vitest'
import { config as proxyConfig, proxy } from '@/proxy'
import { installTestProgram } from '@/testing/http/route-handler'
import { createTestHome } from '@/testing/homes/test-home'

const home = createTestHome()
beforeAll(() => void installTestProgram(home.services))

const page = (path: string) => proxy(new NextRequest(`http://test${path}`))
const policyOf = (response: Response) => response.headers.get('content-security-policy') ?? ''
const directive = (policy: string, name: string) => policy.split('; ').find((one) => one.startsWith(`${name} `)) ?? ''

it('lets a page run only its own scripts from this server', () => {
  const policy = policyOf(page('/'))
  expect(directive(policy, 'script-src')).toMatch(
    /^script-src 'self' 'nonce-[\w+/]{24}' 'strict-dynamic' 'wasm-unsafe-eval'$/,
  )
  expect(directive(policy, 'connect-src')).toBe("connect-src 'self'")
  expect(directive(policy, 'frame-ancestors')).toBe("frame-ancestors 'none'")
  expect(directive(policy, 'form-action')).toBe("form-action 'self'")
  expect(policy).not.toMatch(/unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/)
})

it('gives every page its own nonce and passes it to Next', () => {
  const [one, two] = [page('/'), page('/')]
  expect(policyOf(one)).not.toBe(policyOf(two))
  const nonce = one.headers.get('x-middleware-request-x-nonce')
  expect(policyOf(one)).toContain(`'nonce-${nonce}'`)
})

it('sets the header with the requested page, whatever the client sends', () => {
  const request = new NextRequest('http://test/query?sql=x', { headers: { 'x-lakeshore-page': '/elsewhere' } })
  expect(proxy(request).headers.get('x-middleware-request-x-lakeshore-page')).toBe('/query?sql=x')
})

it('sends HSTS only from consoles that are reached over https', () => {
  expect(page('/').headers.has('strict-transport-security')).toBe(false)
})

const matcher = new RegExp(`^${proxyConfig.matcher[0]}$`)

it.each(['/', '/login', '/catalogs/local/namespaces/a.b/tables/photo.png', '/query', '/readyzz', '/apiary'])(
  'covers the page %s',
  (path) => {
    expect(matcher.test(path)).toBe(true)
  },
)

it.each(['/api/v1/session', '/api/auth/csrf', '/iceberg/v1/config', '/_next/static/a.js', '/healthz', '/readyz'])(
  'excludes %s, whose bodies it would truncate',
  (path) => {
    expect(matcher.test(path)).toBe(false)
  },
)
