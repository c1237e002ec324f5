import 'server-only'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'

/** @throws {AppError} invalid-request when the name is not namespace and name of the table */
export function requireConfirmedName({ namespace, table }: TableIdentifier, confirmedName: string | undefined): void {
  const name = `${namespaceLabel(namespace)}.${table}`
  if (confirmedName !== name) throw new AppError('invalid-request', `To confirm, type ${name}.`)
}
