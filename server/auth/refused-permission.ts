import 'server-only'
import { AppError } from '@/lib/errors'
import type { Permission, Resource } from '@/lib/permissions'

/**
 * An act without the permission for it. To the caller a hidden resource does not exist (`not-found`); the audit of a
 * write names it.
 */
export class RefusedPermission extends AppError {
  readonly permission: Permission
  readonly resource: Resource

  constructor(
    code: 'forbidden' | 'not-found',
    detail: string,
    {
      permission,
      resource,
      facts = {},
    }: { permission: Permission; resource: Resource; facts?: Record<string, string> },
  ) {
    super(code, detail, { facts })
    this.permission = permission
    this.resource = resource
  }
}
