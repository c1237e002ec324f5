import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import type { StoredGrant } from '@/server/db/auth/grants'

/** Where a page of grants ends. It holds the order itself, so the page after it is right when the grant is gone. */
type GrantPosition = Pick<StoredGrant, 'grantId' | 'on'>

const position = z.tuple([z.string(), z.string(), z.string(), z.string()])

export function formatGrantCursor({ grantId, on }: GrantPosition): string {
  const { catalog = '', namespace = [], table = '' } = on
  return Buffer.from(JSON.stringify([catalog, joinNamespace(namespace), table, grantId])).toString('base64url')
}

/** @throws {AppError} invalid-request for a text that is no cursor */
export function parseGrantCursor(text: string): GrantPosition {
  const [catalog, namespaceText, table, grantId] = parsePosition(text)
  const namespace = namespaceText === '' ? [] : splitNamespace(namespaceText)
  enforceNameLimits({ catalog, namespace, table })
  return { grantId, on: { catalog, namespace, table } }
}

function parsePosition(text: string): z.output<typeof position> {
  try {
    return position.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch (cause) {
    throw new AppError('invalid-request', 'This is not the end of a page of grants. Read the first page again.', {
      cause,
    })
  }
}
