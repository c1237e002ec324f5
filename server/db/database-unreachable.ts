import 'server-only'
import { AppError } from '@/lib/errors'

/** The database server does not answer, or is still starting: it may be available later. */
export class DatabaseUnreachable extends AppError {
  /** The address for people, without secrets. */
  readonly address: string
  readonly reason: string

  constructor(address: string, reason: string, cause: unknown) {
    super('database-unavailable', `The database ${address} could not be opened: ${reason}`, { cause })
    this.address = address
    this.reason = reason
  }
}
