import { AppError, ERROR_CODES, type ErrorCode } from '@/lib/errors'

type ProblemFields = Pick<AppError, 'code' | 'facts'> & { detail: string; requestId: string }

/** The AppError in an error response. */
export function responseError(response: Response, body: unknown): AppError {
  const problem = readProblem(body)
  return problem === null ? unreadableResponseError(response, body) : toAppError(problem)
}

export function toAppError({ code, detail, facts, requestId }: ProblemFields): AppError {
  return new AppError(code, detail, { facts: { ...facts }, requestId })
}

/**
 * The fields of a problem (`lib/contract/shapes/problem`) that an AppError has; null for anything else. It is written without
 * zod, because the sign-in page and the workers need no other shape.
 */
export function readProblem(body: unknown): ProblemFields | null {
  if (typeof body !== 'object' || body === null) return null
  const { code, detail, facts, requestId }: Partial<Record<string, unknown>> = body
  if (!isErrorCode(code) || typeof detail !== 'string' || typeof requestId !== 'string' || !isFacts(facts)) return null
  return { code, detail, facts, requestId }
}

/** The AppError for a response that is not one of ours. */
export function unreadableResponseError(response: Response, cause: unknown): AppError {
  const requestId = response.headers.get('x-request-id')
  return new AppError('internal', `The server's response (status ${response.status}) cannot be read.`, {
    cause,
    ...(requestId !== null && { requestId }),
  })
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)
}

function isFacts(facts: unknown): facts is AppError['facts'] {
  return (
    typeof facts === 'object' &&
    facts !== null &&
    !Array.isArray(facts) &&
    Object.values(facts).every((fact) => fact === null || typeof fact === 'string' || typeof fact === 'number')
  )
}
