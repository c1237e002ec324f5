import { AppError } from '@/lib/errors'
import { readProblem, toAppError } from './response-error'

/**
 * A line of a response that is JSON in each line.
 *
 * @param subject of the lines, for the message
 * @throws {AppError} internal
 */
export function parseJsonLine(text: string, subject: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadableLineError(subject, cause)
  }
}

/** The AppError that a line describes because the server failed after it had begun to respond. */
export function lineError(body: unknown, subject: string): AppError {
  const problem = readProblem(body)
  return problem === null ? unreadableLineError(subject, body) : toAppError(problem)
}

export function unreadableLineError(subject: string, cause?: unknown): AppError {
  return new AppError('internal', `${subject} cannot be read.`, { cause })
}
