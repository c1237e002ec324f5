import { AppError } from '@/lib/errors'

/** A position in a text, both from 1. */
export type TextPosition = { line: number; column: number }

/** Why a statement cannot be read, and where. */
export class DdlError extends AppError {
  readonly position: TextPosition

  constructor(message: string, position: TextPosition) {
    super('invalid-request', `Line ${position.line}, column ${position.column}: ${message}`, { facts: position })
    this.position = position
  }
}

export function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}
