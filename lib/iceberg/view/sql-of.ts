import type { ViewRepresentation } from './view-metadata'

/** Dialects are compared without regard to case. */
export function isSqlIn(representation: ViewRepresentation, dialect: string): boolean {
  return representation.type === 'sql' && representation.dialect.toLowerCase() === dialect.toLowerCase()
}
