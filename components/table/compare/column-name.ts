import type { ShownColumn } from '@/lib/scan/compare/compared-columns'

/** Dotted. */
export function columnName({ path }: Pick<ShownColumn, 'path'>): string {
  return path.join('.')
}
