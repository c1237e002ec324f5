import type { AppError } from '@/lib/errors'
import type { Engine } from '@/lib/query/duckdb/engine'

/** Failures after which WebAssembly's memory cannot be trusted: the engine must be restarted. */
export function isEngineBroken(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error)
  return /RuntimeError|unreachable|memory access out of bounds|table index is out of bounds|bad_alloc/i.test(message)
}

/** Returns `problem`. The engine ends after a trap: WebAssembly's memory cannot be trusted, so the next query starts a new one. */
export function endEngineIfBroken(engine: Engine, problem: AppError, cause: unknown): AppError {
  if (isEngineBroken(cause)) engine.end()
  return problem
}
