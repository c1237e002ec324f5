import 'server-only'
import { AppError, ERROR_CODES } from '@/lib/errors'
import { clientAddress } from '@/server/auth/client-address'
import { ACCESS_TOKEN_TYPE, exchangeCredentials } from '@/server/auth/tokens/client-credentials'
import { readBodyText, type RequestBody } from '@/server/http/request/read-body-text'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'

const MAX_BODY_BYTES = 16 * 1024
/** The only scope. The token's role decides what it allows. */
const SCOPE = 'catalog'

/**
 * Serves `POST /iceberg/v1/oauth/tokens` in the format of RFC 6749 sections 5.1 and 5.2, which the REST specification
 * adopts. Only this operation does not use Iceberg's error model.
 */
export async function serveTokenRequest(
  services: Pick<Services, 'database' | 'keys' | 'log' | 'tokenUses'>,
  request: RequestBody,
  requestId: string,
): Promise<Response> {
  try {
    return await exchangeForToken(services, request, requestId)
  } catch (error) {
    return failureResponse(services.log, error, requestId)
  }
}

async function exchangeForToken(
  services: Pick<Services, 'database' | 'keys' | 'log' | 'tokenUses'>,
  request: RequestBody,
  requestId: string,
): Promise<Response> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw new AppError('invalid-request', 'The body must be application/x-www-form-urlencoded.')
  }
  const form = new URLSearchParams(await readBodyText(request, MAX_BODY_BYTES))
  const authorization = request.headers.get('authorization')
  const address = clientAddress(request.headers.get('x-forwarded-for'))
  const exchange = await exchangeCredentials(services, form, authorization, { address })
  if (!('error' in exchange)) {
    return jsonResponse(200, {
      access_token: exchange.accessToken,
      token_type: 'bearer',
      expires_in: exchange.expiresInSeconds,
      issued_token_type: ACCESS_TOKEN_TYPE,
      scope: SCOPE,
    })
  }
  const { error, description } = exchange
  services.log.info('refused', { requestId, endpoint: 'POST /iceberg/v1/oauth/tokens', code: error })
  if (error !== 'invalid_client') return errorResponse(400, error, description)
  return errorResponse(401, error, description, { 'www-authenticate': 'Basic realm="lakeshore"' })
}

function failureResponse(log: Log, error: unknown, requestId: string): Response {
  if (!(error instanceof AppError) || ERROR_CODES[error.code].status >= 500) {
    log.error(error, { requestId, endpoint: 'POST /iceberg/v1/oauth/tokens' })
  }
  if (!(error instanceof AppError)) {
    return errorResponse(500, 'server_error', 'An unexpected error was logged under the request id.')
  }
  const { status } = ERROR_CODES[error.code]
  if (status === 429) {
    return errorResponse(status, 'temporarily_unavailable', error.message, {
      'retry-after': String(error.facts.pauseSeconds ?? 1),
    })
  }
  return errorResponse(status, status < 500 ? 'invalid_request' : 'temporarily_unavailable', error.message)
}

function errorResponse(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Response {
  return jsonResponse(status, { error, error_description: description }, headers)
}

/** RFC 6749 section 5.1: no cache may store a response that contains a token. */
function jsonResponse(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', pragma: 'no-cache', ...headers } })
}
