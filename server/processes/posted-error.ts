import 'server-only'
import { AppError } from '@/lib/errors'
import type { PostedError } from './row-messages'

export function toPostedError(error: unknown): PostedError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const known = error instanceof AppError ? error : null
  return { code: known?.code ?? null, message, stack, facts: known?.facts ?? {} }
}

export function fromPostedError({ code, message, stack, facts }: PostedError): Error {
  if (code !== null) return new AppError(code, message, { facts: { ...facts } })
  return Object.assign(new Error(message), { stack })
}
