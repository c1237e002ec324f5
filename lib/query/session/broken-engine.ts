import type { AppError } from '@/lib/errors'
import type { Engine } from '@/lib/query/duckdb/engine'

/**
 * Failures after which the engine must be restarted: WebAssembly's memory cannot be trusted, or DuckDB refuses every
 * further statement, as it does after an internal error.
 */
export function isEngineBroken(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error)
  if (TRAP.test(message) || INVALID_DATABASE.test(message)) return true
  return error instanceof Error && error.cause !== undefined && isEngineBroken(error.cause)
}

const TRAP = /RuntimeError|unreachable|memory access out of bounds|table index is out of bounds|bad_alloc/i
const INVALID_DATABASE = /"exception_type":"(INTERNAL|FATAL)"|database has been invalidated/

/** Returns `problem`. A broken engine ends, so the next query starts a new one. */
export function endEngineIfBroken(engine: Pick<Engine, 'end'>, problem: AppError, cause: unknown): AppError {
  if (isEngineBroken(cause)) engine.end()
  return problem
}
