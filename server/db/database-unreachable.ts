import 'server-only'
import { AppError } from '@/lib/errors'

/** Nobody answers where the database should be, or its server still starts: it may be there later. */
export class DatabaseUnreachable extends AppError {
  /** As people may read it, without what could be a secret. */
  readonly address: string
  readonly reason: string

  constructor(address: string, reason: string, cause: unknown) {
    super('database-unavailable', `The database ${address} could not be opened: ${reason}`, { cause })
    this.address = address
    this.reason = reason
  }
}
