import 'server-only'
import * as z from 'zod'
import { MAX_GRANT_CURSOR_CHARS } from '@/lib/contract/access/grants'
import { AppError } from '@/lib/errors'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import type { StoredGrant } from '@/server/db/auth/grants'

/** The end of a page of grants. It holds the order itself, so the next page is right even if the grant was removed. */
type GrantPosition = Pick<StoredGrant, 'grantId' | 'resource'>

/** Names that are too long for a cursor are left out of it. */
const position = z.union([z.tuple([z.string()]), z.tuple([z.string(), z.string(), z.string(), z.string()])])

export function formatGrantCursor({ grantId, resource: on }: GrantPosition): string {
  const { catalog = '', namespace = [], table = '' } = on
  const text = toText([catalog, joinNamespace(namespace), table, grantId])
  return text.length <= MAX_GRANT_CURSOR_CHARS ? text : toText([grantId])
}

/**
 * @param findGrant for a cursor without the names of its grant
 * @throws {AppError} invalid-request for a text that is not a cursor, and when the names are no longer known
 */
export async function parseGrantCursor(
  text: string,
  findGrant: (grantId: string) => Promise<GrantPosition | null>,
): Promise<GrantPosition> {
  const parsed = parsePosition(text)
  if (parsed.length === 1) {
    const grant = await findGrant(parsed[0])
    if (grant) return grant
    throw new AppError('invalid-request', 'The grant at the end of this page was removed. Read the first page again.')
  }
  const [catalog, namespaceText, table, grantId] = parsed
  const namespace = namespaceText === '' ? [] : splitNamespace(namespaceText)
  enforceNameLimits({ catalog, namespace, table })
  return { grantId, resource: { catalog, namespace, table } }
}

function toText(parts: z.input<typeof position>): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

function parsePosition(text: string): z.output<typeof position> {
  try {
    return position.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch (cause) {
    throw new AppError('invalid-request', 'This position is not from a page of grants. Read the first page again.', {
      cause,
    })
  }
}
