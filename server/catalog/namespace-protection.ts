import 'server-only'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { isProtected, PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'

/** Why a namespace with these properties may not be dropped; null if it may. */
export function namespaceProtectionProblem(
  namespace: Namespace,
  properties: Readonly<Record<string, string>>,
): string | null {
  if (!isProtected(properties)) return null
  return `Namespace ${namespaceLabel(namespace)} is protected. Set ${PROTECTED_PROPERTY} to false or remove it first.`
}

/** @throws {AppError} invalid-request when the namespace is protected */
export function requireNamespaceUnprotected(namespace: Namespace, properties: Readonly<Record<string, string>>): void {
  const problem = namespaceProtectionProblem(namespace, properties)
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { protected: PROTECTED_PROPERTY } })
}
