import 'server-only'
import { createHash } from 'node:crypto'
import { paths } from '@/lib/paths/paths'
import { pageHeaders } from '@/server/http/page-headers'
import { acceptedType } from '@/server/http/request/accepted-type'

const PROBLEM = 'application/problem+json'
const PAGE = 'text/html'

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;padding:48px 24px;font:13px/19px system-ui,sans-serif}' +
  'main{max-width:480px;margin:0 auto}h1{margin:0 0 8px;font-size:17px;line-height:24px}p{margin:0 0 12px}'

/** It is a constant: the address of the request is not in it. */
const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Page not found · Lakeshore</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Page not found</h1>
<p>There is no page at this address: it contains an invalid percent sequence. A part of the link may be missing.</p>
<a href="${paths.home()}">Go home</a>
</main>
</body>
</html>
`

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Whether a client, such as a browser that follows a link, prefers a page to a problem. */
export function prefersPage({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  const isRead = method === 'GET' || method === 'HEAD'
  return isRead && acceptedType(headers.get('accept'), [PROBLEM, PAGE]) === PAGE
}

/**
 * The refusal of an address with an invalid percent sequence, as a page. It is not a page of Next, which cannot read such
 * an address, neither on the server nor in the browser.
 *
 * @param refusal the same as a problem
 */
export function malformedAddressPage(refusal: Response): Response {
  const headers = new Headers(refusal.headers)
  for (const [name, value] of Object.entries(pageHeaders({ isHttps: false }))) headers.set(name, value)
  headers.set('content-type', `${PAGE}; charset=utf-8`)
  headers.set('content-security-policy', POLICY)
  return new Response(HTML, { status: refusal.status, headers })
}
