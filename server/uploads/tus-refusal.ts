import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'

/** A refusal for which the tus protocol has a status of its own. */
export class TusRefusal extends AppError {
  readonly status: number

  constructor(status: number, code: ErrorCode, detail: string) {
    super(code, detail)
    this.status = status
  }
}
