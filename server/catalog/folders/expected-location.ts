import 'server-only'
import { AppError } from '@/lib/errors'

/** @throws {AppError} version-conflict when the caller expects another metadata file; undefined: any */
export function requireExpectedLocation(metadataLocation: string | null, expected: string | undefined): void {
  if (expected === undefined || metadataLocation === expected) return
  throw new AppError('version-conflict', 'The table or view has changed since you reviewed it. Nothing was dropped.')
}
