import 'server-only'
import NextAuth from 'next-auth'
import { NextRequest } from 'next/server'
import { authOptions } from '@/server/auth/next-auth'
import { requestIdOf, withCommonHeaders } from './answer'
import { bodyText } from './body-text'
import { refuseCrossOrigin } from './cross-origin'
import { problemResponse } from './problem-response'

/** A name, a password and a token of next-auth's. */
const MAX_BODY_BYTES = 16 * 1024

/** next-auth's own routes, behind the same first questions as ours. */
export async function serveNextAuth(
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  const requestId = requestIdOf(request)
  try {
    refuseCrossOrigin(request)
    const { url, method, headers, signal } = request
    const body = method === 'POST' ? await bodyText(request, MAX_BODY_BYTES) : null
    const bounded = new NextRequest(url, { method, headers, body, signal })
    const response: Response = await NextAuth(bounded, context, authOptions(requestId))
    return withCommonHeaders(response, requestId)
  } catch (error) {
    const problem = problemResponse(error, { requestId, endpoint: `${request.method} /api/auth`, userId: null })
    return withCommonHeaders(problem, requestId)
  }
}
